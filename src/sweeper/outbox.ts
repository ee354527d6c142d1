import type { DataSource } from 'typeorm'
import { Outbox, type OutboxParts } from '../outbox/outbox'
import type { SweepMachinery } from '../sweep/sweep-machinery'
import type { ResolvedOptions } from './resolve-options'

export interface OutboxWiring {
  readonly dataSource: DataSource
  readonly options: ResolvedOptions
  warn(message: string): void
}

/** What of a Sweeper the outbox works with. */
export interface OutboxOwner extends Pick<OutboxParts, 'keyspace' | 'sweeps' | 'events'> {
  machinery(): SweepMachinery | undefined
}

/** The outbox of a Sweeper that wants one. */
export function buildOutbox(owner: OutboxOwner, given: OutboxWiring): Outbox | undefined {
  const { keyspace, sweeps, events } = owner
  const { dataSource, options, warn } = given
  if (options.outbox === undefined || !options.enabled) return undefined
  const parts = {
    ...{ dataSource, keyspace, sweeps, events, warn },
    namespace: options.namespace,
    collecting: () => owner.machinery()?.parts,
  }
  return new Outbox(parts, options.outbox)
}
