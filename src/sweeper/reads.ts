import type { DataSource, EntityManager, QueryRunner } from 'typeorm'
import { attributeOf, tokensOf, type Fragment } from '../cache/fragment'
import {
  NOT_SHARED,
  OUTSIDE,
  WITHOUT_TENANT,
  type SharedRunnerWatch,
  type TransactionView,
} from '../cache/transaction-view'
import { DEFAULT_LEASE_MS } from '../cache/leases'
import { parseDuration, type Duration } from '../core/duration'
import { InvalidOptionError, quoted } from '../core/errors'
import type { Keyspace } from '../core/keyspace'
import type { Subject } from '../core/subject'
import { NEAR_LEVELS, type NearLevel } from '../near/near'
import type { GetOptions, GetOrSetOptions } from './reading-options'
import type { SweepMachinery } from '../sweep/sweep-machinery'

/** What holds where a caller says nothing. */
export interface ReadDefaults {
  readonly ttlMs: number
  /** Undefined without a near tier. */
  readonly near: NearLevel | undefined
}

type FragmentOptions = Pick<
  GetOrSetOptions<unknown>,
  'key' | 'vary' | 'ttl' | 'near' | 'grace' | 'lease'
>

/** Resolves what a caller asks for: the fragment, its life, and the transaction it is read in. */
export class Reads {
  readonly #dataSource: DataSource
  readonly #keyspace: Keyspace
  readonly #defaults: ReadDefaults
  readonly #machinery: () => SweepMachinery | undefined
  readonly #around: () => QueryRunner | undefined

  /** @param around the transaction that code runs in, whether or not it is told of it */
  constructor(
    dataSource: DataSource,
    keyspace: Keyspace,
    defaults: ReadDefaults,
    machinery: () => SweepMachinery | undefined,
    around: () => QueryRunner | undefined,
  ) {
    this.#dataSource = dataSource
    this.#keyspace = keyspace
    this.#defaults = defaults
    this.#machinery = machinery
    this.#around = around
  }

  /** @throws {InvalidOptionError} SWEEPER_INVALID_OPTION */
  fragment(
    where: string,
    subjects: readonly Subject[],
    { key, vary, ttl, near, grace, lease }: FragmentOptions,
  ): Fragment {
    const made = vary === undefined && subjects.length === 1 ? subjects[0]?.made : undefined
    // Nothing else is kept there.
    const known = made?.get(key) as Fragment | undefined
    const fragment = known ?? this.#fragment(where, subjects, key, vary)
    if (known === undefined && made !== undefined) remember(made, key, fragment)
    if (ttl === undefined && near === undefined && grace === undefined && lease === undefined)
      return fragment
    return {
      ...fragment,
      ttlMs: ttl === undefined ? fragment.ttlMs : parseDuration(ttl, `${where} "${key}": ttl`),
      near: near === undefined ? fragment.near : nearLevel(where, near),
      graceMs: grace === undefined ? 0 : parseDuration(grace, `${where} "${key}": grace`),
      leaseMs: leaseOf(lease, `${where} "${key}": lease`),
    }
  }

  /** As it is where the caller says no more than its name and what it varies by. */
  #fragment(
    where: string,
    subjects: readonly Subject[],
    key: string,
    vary: readonly unknown[] = [],
  ): Fragment {
    if (typeof key !== 'string' || key === '')
      throw new InvalidOptionError(
        `${where}: key is ${quoted(key)}; name the fragment with a text such as "comment.card"`,
      )
    if (!Array.isArray(vary))
      throw new InvalidOptionError(
        `${where} ${quoted(key)}: vary is ${quoted(vary)}; give an array of what the value differs by`,
      )
    return {
      subjects,
      name: key,
      entryKey: this.#keyspace.entry(
        subjects.map(({ tag }) => tag),
        key,
        vary,
      ),
      tokens: tokensOf(subjects),
      attribute: attributeOf(subjects),
      ttlMs: this.#ttlOf(subjects),
      near: this.#defaults.near,
      graceMs: 0,
      leaseMs: 0,
    }
  }

  transactionOf(manager: EntityManager | undefined, subjects: readonly Subject[]): TransactionView {
    if (this.#keyspace.tenant === null) return WITHOUT_TENANT
    // An instance that comes from a transaction still open may show what is not committed.
    if (subjects.some(({ instance }) => instance?.inTransaction === true))
      return { isOpen: true, hasWritten: true }
    // What makes transactions implicit, as typeorm-transactional does, gives the open one as the DataSource's own manager.
    const runner =
      manager === undefined
        ? (this.#dataSource.manager.queryRunner ?? this.#around())
        : manager.queryRunner
    if (runner === undefined) return OUTSIDE
    const unit = this.#machinery()?.units.of(runner)
    return {
      isOpen: runner.isTransactionActive || unit !== undefined,
      hasWritten: unit?.hasWritten ?? false,
      name: unit?.owner,
    }
  }

  sharedRunner(): SharedRunnerWatch {
    const machinery = this.#machinery()
    if (machinery?.parts.database.sharedRunner !== true) return NOT_SHARED
    const { units } = machinery
    const runner = this.#dataSource.createQueryRunner()
    const isOpen = (): boolean => runner.isTransactionActive || units.of(runner) !== undefined
    return {
      begin: () => {
        const { begun } = units
        const wasOpen = isOpen()
        return () => !wasOpen && !isOpen() && units.begun === begun
      },
    }
  }

  /** The shortest life that the entities declare; the Sweeper's where none does. */
  #ttlOf(subjects: readonly Subject[]): number {
    let shortest = Infinity
    let isDeclared = false
    for (const { ttlMs } of subjects) {
      if (ttlMs === undefined) continue
      isDeclared = true
      shortest = Math.min(shortest, ttlMs)
    }
    return isDeclared ? shortest : this.#defaults.ttlMs
  }
}

/** Names that are made up must not fill the memory. */
const MAX_NAMES = 32

function remember(made: Map<string, object>, key: string, fragment: Fragment): void {
  if (made.size >= MAX_NAMES) made.clear()
  made.set(key, fragment)
}

function nearLevel(where: string, near: NonNullable<GetOptions['near']>): NearLevel | undefined {
  if (near === false) return undefined
  if (NEAR_LEVELS.includes(near)) return near
  throw new InvalidOptionError(
    `${where}: near is ${quoted(near)}; give "strict", "request", "bounded" or false`,
  )
}

/** Nothing hangs: a lease ends. */
function leaseOf(lease: boolean | Duration | undefined, where: string): number {
  if (lease === undefined || lease === false) return 0
  if (lease === true) return DEFAULT_LEASE_MS
  const ms = parseDuration(lease, where)
  if (ms > 0 && Number.isFinite(ms)) return ms
  throw new InvalidOptionError(`${where} is ${quoted(lease)}; give a duration above 0 that ends`)
}
