import type { DataSource } from 'typeorm'
import type { Duration } from '../core/duration'
import { InvalidOptionError, quoted } from '../core/errors'
import type { OutboxOptions } from '../outbox/outbox'
import { bounded, checkCount, wrong } from './checks'

/** How sweeps that others have left are looked for. */
export interface OutboxSettings {
  /**
   * How often each process looks, a quarter more or less. A sweep is taken over from its writer when two looks
   * have seen it.
   *
   * @default '100ms'
   */
  readonly pollEvery?: Duration
  /**
   * How many rows are delivered at once.
   *
   * @default 100
   */
  readonly batch?: number
  /**
   * Whether rows are told of with their COMMIT, by `NOTIFY` on PostgreSQL, so that what its writer has not delivered is found
   * at once and not at the next look. Keeps one connection of each process's pool, and costs every
   * transaction that is recorded: PostgreSQL lets notifying transactions commit one by one. See docs/outbox.md.
   *
   * @default false
   */
  readonly notify?: boolean
}

const DEFAULTS = { pollEvery: '100ms', batch: 100 } as const

const WITH_OUTBOX: readonly string[] = ['postgres', 'mysql', 'mariadb']

/** @throws {InvalidOptionError} SWEEPER_INVALID_OPTION on a database that it is not safe on */
export function resolveOutbox(
  { options: { type } }: DataSource,
  given: boolean | OutboxSettings,
): OutboxOptions | undefined {
  if (given === false) return undefined
  if (!WITH_OUTBOX.includes(type))
    throw new InvalidOptionError(
      `new Sweeper(): outbox ${quoted(given)} is not usable on ${quoted(type)}, which it would not be safe on; use PostgreSQL, MariaDB or MySQL, or leave it out`,
    )
  const settings = given === true ? {} : given
  const { pollEvery = DEFAULTS.pollEvery, batch = DEFAULTS.batch, notify = false } = settings
  checkCount('outbox.batch', batch)
  if (notify && type !== 'postgres')
    throw wrong('outbox.notify', notify, `false on ${quoted(type)}: only PostgreSQL has NOTIFY`)
  return { pollEveryMs: bounded('outbox.pollEvery', pollEvery), batch, notify }
}
