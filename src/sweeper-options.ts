import type { DataSource, Logger } from 'typeorm'
import { parseDuration, type Duration } from './core/duration'
import { InvalidOptionError, NamespaceError, quoted } from './core/errors'
import type { OutboxOptions } from './outbox/outbox'
import { NEAR_LEVELS, type NearLevel } from './near/near'
import { MemoryStore } from './store/memory-store'
import type { Store } from './store/store'

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

/** How hits are loaded anew and compared. */
export interface ShadowOptions {
  /** How many of the hits: 0.01 for one in a hundred. */
  readonly rate: number
  /**
   * How long after the hit; at least `replicaLag`. Before a difference is told, what the value depends on has to stand for
   * as long again.
   *
   * @default '1s'
   */
  readonly delay?: Duration
  /** How many loads at once. @default 1 */
  readonly concurrency?: number
}

/** How a Sweeper behaves. Every duration is a number of milliseconds or text such as `'30s'`. */
export interface SweeperOptions {
  /**
   * Where tokens and entries live.
   *
   * @default new MemoryStore(), in this process's memory: for one process only
   */
  readonly store?: Store
  /**
   * What all keys begin with. Applications, and DataSources, that share a store need different ones.
   *
   * @default `sweeper:<database name>`
   */
  readonly namespace?: string
  /**
   * The life of an entry whose entity and caller say nothing. It bounds memory, not staleness.
   *
   * @default '1h'
   */
  readonly ttl?: Duration
  /**
   * Keeps what was read in this process too, kept honest by what the store pushes; on Redis over one connection more.
   * `true` for the defaults. See docs/near-tier.md for what each level promises.
   *
   * @default false
   */
  readonly near?: boolean | NearTierOptions
  /**
   * Marks: the note "a write is in flight" in the token's own key, set before COMMIT: 1 round trip before it.
   *
   * `false` saves that, and gives up what hangs on it: a process that dies between COMMIT and sweep leaves old entries
   * behind until their ttl; between COMMIT and the arrival of the sweep other processes serve them; and a record that
   * moves to another parent while someone writes below it may leave the new parent unswept. Not with `onStoreError: 'throw'`.
   *
   * With an `outbox` nothing is lost without them. What they add to it is that nobody serves what was committed and is not
   * yet swept: docs/outbox.md.
   *
   * @default true, with a deadline of '10s'; false with an `outbox`
   */
  readonly marks?: boolean | { readonly deadline: Duration }
  /**
   * How long a read, a write to the store, and the delivery of a sweep under `onStoreError: 'throw'` are waited for.
   *
   * @default { read: '50ms', write: '250ms', delivery: '2s' }
   */
  readonly timeout?:
    Duration | { readonly read?: Duration; readonly write?: Duration; readonly delivery?: Duration }
  /**
   * How long a caller waits for someone else's load of the same value before loading it itself.
   *
   * @default '30s'
   */
  readonly loadTimeout?: Duration
  /**
   * More rows than this behind one step of a cascade, or in one statement, are swept by their type.
   *
   * @default 10000
   */
  readonly maxFanOut?: number
  /**
   * How far behind the replicas of the database may be: what was loaded is not kept if something it depends on was
   * swept that shortly before, and an `unproven` event says so; and it has no version by which others could keep it
   * (`version()`, `validator()`, `fresh()`). For reads through TypeORM's `replication`, or through
   * an address with replicas behind it. Not for what TypeORM reads from the primary. See docs/consistency.md, H23.
   *
   * @default 0: nothing is read from replicas, or what they answer is taken to be up to date
   */
  readonly replicaLag?: Duration
  /**
   * `'degrade'`: a write never fails for the store's sake. `'throw'`: marks must be acknowledged before COMMIT,
   * else the write fails with SWEEPER_STORE_UNAVAILABLE and is rolled back; after COMMIT it waits up to
   * `timeout.delivery` for its sweep. Needs marks: without them nothing is asked before COMMIT.
   *
   * @default 'degrade'
   */
  readonly onStoreError?: 'degrade' | 'throw'
  /**
   * Durable sweeps, on PostgreSQL, MariaDB and MySQL: each is also a row of `SweepOutbox`, written in the same transaction
   * and deleted by whoever delivers it, so that neither a process that dies nor a store that is down can lose one.
   * Statements outside transactions are given one. Costs one INSERT before COMMIT, and one query per `pollEvery`.
   *
   * @default false
   */
  readonly outbox?: boolean | OutboxSettings
  /**
   * False: reads load, writes do nothing.
   *
   * @default true
   */
  readonly enabled?: boolean
  /**
   * Who is asked for, where each tenant has tables of its own that one DataSource reaches by `search_path`: called at each
   * read and write, from the async context of the caller. Records, lists and types are then of one tenant, except those of
   * tables whose path names a schema or database, which are everyone's.
   *
   * No answer (undefined, the empty text, an error, which is told once): reads load and keep nothing, and their misses
   * have the reason `tenant`; writes sweep the types they touch for all tenants. So does a write of a transaction that
   * has written for another one before. Reads carry one token more; `writeThrough` is without effect for what a
   * transaction writes. See docs/beside.md.
   *
   * @default every record is there once
   * @example
   * const tenants = new AsyncLocalStorage<string>()
   * const sweeper = new Sweeper(dataSource, { tenant: () => tenants.getStore() })
   */
  readonly tenant?: () => string | undefined
  /**
   * Whether the last write to each token is recorded in this process, for `explain()`; `{ tokens }`: how many tokens are
   * remembered.
   *
   * @default true, with 10_000 tokens; false where NODE_ENV is `production`
   */
  readonly explain?: boolean | { readonly tokens: number }
  /**
   * Loads some of the hits anew, after a delay, and compares: a number from 0 to 1 says how many, 0.01 for one in a hundred.
   * What comes of it is told by the event `shadow`. No reader waits for it; the factory is called once more, when whoever
   * gave it has his answer. See docs/shadow.md.
   *
   * @default 0: none
   */
  readonly shadow?: number | ShadowOptions
  /** Where warnings go. @default the DataSource's own logger */
  readonly logger?: Pick<Logger, 'log'>
}

/** The near tier: values in this process, in front of the store. */
export interface NearTierOptions {
  /** What reads use that say nothing. @default 'request' */
  readonly level?: NearLevel
  /** What it may occupy, in bytes. @default 64 MiB */
  readonly maxBytes?: number
  /** @default 100_000 */
  readonly maxEntries?: number
}

/** Options with nothing left open. */
export interface ResolvedOptions {
  readonly store: Store
  readonly namespace: string
  readonly ttlMs: number
  readonly near: Required<NearTierOptions> | undefined
  readonly markDeadlineMs: number | undefined
  readonly readMs: number
  readonly writeMs: number
  readonly deliveryMs: number
  readonly loadTimeoutMs: number
  readonly maxFanOut: number
  readonly replicaLagMs: number
  readonly onStoreError: 'degrade' | 'throw'
  readonly enabled: boolean
  readonly outbox: OutboxOptions | undefined
  /** How many tokens are remembered with the write that moved them; undefined for none. */
  readonly explainTokens: number | undefined
  /** Undefined: no hit is loaded anew. */
  readonly shadow:
    { readonly rate: number; readonly delayMs: number; readonly concurrency: number } | undefined
  readonly tenant: (() => unknown) | undefined
  readonly logger: Pick<Logger, 'log'> | undefined
}

const DEFAULTS = {
  ttl: '1h',
  markDeadline: '10s',
  read: '50ms',
  write: '250ms',
  delivery: '2s',
  loadTimeout: '30s',
  maxFanOut: 10_000,
  explainTokens: 10_000,
  shadow: { delay: '1s', concurrency: 1 },
  near: { level: 'request', maxBytes: 64 * 1024 * 1024, maxEntries: 100_000 },
  pollEvery: '100ms',
  batch: 100,
} as const

/**
 * @throws {InvalidOptionError} SWEEPER_INVALID_OPTION
 * @throws {InvalidDurationError} SWEEPER_INVALID_DURATION
 * @throws {NamespaceError} SWEEPER_NAMESPACE where a shared store needs a name that the database does not give
 */
export function resolveOptions(dataSource: DataSource, options: SweeperOptions): ResolvedOptions {
  if (dataSource.options.type === 'mongodb')
    throw new InvalidOptionError(
      'new Sweeper(): the database is "mongodb", whose writes have no transactions, statements or joins to go by; give a DataSource of an SQL database',
    )
  const outbox = outboxOf(dataSource, options.outbox)
  const { timeout = {}, maxFanOut = DEFAULTS.maxFanOut, enabled = true } = options
  checkCount('maxFanOut', maxFanOut)
  const limit = (name: 'read' | 'write' | 'delivery'): number => {
    const value = typeof timeout === 'object' ? (timeout[name] ?? DEFAULTS[name]) : timeout
    return bounded(`timeout.${name}`, value)
  }
  return Object.freeze({
    store: options.store ?? new MemoryStore(),
    namespace: options.namespace ?? namespaceOf(dataSource, options.store !== undefined),
    ttlMs: parseDuration(options.ttl ?? DEFAULTS.ttl, 'new Sweeper(): ttl'),
    near: nearOf(options.near ?? false),
    markDeadlineMs: markDeadlineOf(options.marks ?? outbox === undefined),
    readMs: limit('read'),
    writeMs: limit('write'),
    deliveryMs: limit('delivery'),
    loadTimeoutMs: bounded('loadTimeout', options.loadTimeout ?? DEFAULTS.loadTimeout),
    maxFanOut,
    replicaLagMs: replicaLagOf(options.replicaLag ?? 0),
    onStoreError: policyOf(options, outbox !== undefined),
    enabled,
    outbox,
    explainTokens: explainTokensOf(options.explain ?? process.env['NODE_ENV'] !== 'production'),
    shadow: shadowOf(options.shadow ?? 0),
    tenant: tenantOf(options.tenant),
    logger: options.logger,
  })
}

function policyOf(
  { onStoreError = 'degrade', marks }: SweeperOptions,
  isDurable: boolean,
): ResolvedOptions['onStoreError'] {
  if (onStoreError !== 'degrade' && onStoreError !== 'throw')
    throw wrong('onStoreError', onStoreError, '"degrade" or "throw"')
  if (onStoreError === 'throw' && marks === false && !isDurable)
    throw new InvalidOptionError(
      'new Sweeper(): onStoreError "throw" with marks false promises what nothing keeps: only marks are acknowledged before COMMIT; leave marks on, or give onStoreError "degrade"',
    )
  return onStoreError
}

function nearOf(near: boolean | NearTierOptions): Required<NearTierOptions> | undefined {
  if (near === false) return undefined
  const resolved = { ...DEFAULTS.near, ...(near === true ? {} : near) }
  if (!NEAR_LEVELS.includes(resolved.level))
    throw wrong('near.level', resolved.level, '"strict", "request" or "bounded"')
  for (const bound of ['maxBytes', 'maxEntries'] as const)
    checkCount(`near.${bound}`, resolved[bound])
  return resolved
}

const WITH_OUTBOX: readonly string[] = ['postgres', 'mysql', 'mariadb']

function outboxOf(
  { options: { type } }: DataSource,
  given: SweeperOptions['outbox'],
): ResolvedOptions['outbox'] {
  if (given === undefined || given === false) return undefined
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

/** With an outbox no sweep is lost without marks, and they cost a round trip before COMMIT. */
function markDeadlineOf(marks: NonNullable<SweeperOptions['marks']>): number | undefined {
  if (marks === false) return undefined
  return bounded('marks.deadline', marks === true ? DEFAULTS.markDeadline : marks.deadline)
}

/** A window that never ends would keep nothing. */
function replicaLagOf(value: Duration): number {
  const ms = parseDuration(value, 'new Sweeper(): replicaLag')
  if (!Number.isFinite(ms)) throw wrong('replicaLag', value, 'a duration that ends')
  return ms
}

function explainTokensOf(explain: NonNullable<SweeperOptions['explain']>): number | undefined {
  if (explain === false) return undefined
  const tokens = explain === true ? DEFAULTS.explainTokens : explain.tokens
  checkCount('explain.tokens', tokens)
  return tokens
}

function shadowOf(given: NonNullable<SweeperOptions['shadow']>): ResolvedOptions['shadow'] {
  const { rate, delay, concurrency } =
    typeof given === 'object'
      ? { ...DEFAULTS.shadow, ...given }
      : { ...DEFAULTS.shadow, rate: given }
  if (typeof rate !== 'number' || !(rate >= 0 && rate <= 1))
    throw wrong(typeof given === 'object' ? 'shadow.rate' : 'shadow', rate, 'a number from 0 to 1')
  checkCount('shadow.concurrency', concurrency)
  const delayMs = bounded('shadow.delay', delay)
  return rate === 0 ? undefined : { rate, delayMs, concurrency }
}

function tenantOf(tenant: SweeperOptions['tenant']): ResolvedOptions['tenant'] {
  if (tenant === undefined || typeof tenant === 'function') return tenant
  throw wrong('tenant', tenant, 'a function that answers the name of the tenant')
}

function checkCount(name: string, value: number): void {
  if (!Number.isInteger(value) || value < 1) throw wrong(name, value, 'a whole number from 1')
}

/** Nothing hangs: these durations must end. */
function bounded(name: string, value: Duration): number {
  const ms = parseDuration(value, `new Sweeper(): ${name}`)
  if (ms <= 0 || !Number.isFinite(ms)) throw wrong(name, value, 'a duration above 0 that ends')
  return ms
}

function wrong(name: string, value: unknown, right: string): InvalidOptionError {
  return new InvalidOptionError(
    `new Sweeper(): ${name} ${quoted(value)} is not usable; give ${right}`,
  )
}

function namespaceOf({ options, driver }: DataSource, storeIsGiven: boolean): string {
  // The driver has taken a connection URL apart.
  const database: unknown = driver.database ?? options.database
  const name = typeof database === 'string' ? database.split(/[\\/]/).at(-1) : undefined
  if (name !== undefined && name !== '' && name !== ':memory:')
    return `sweeper:${name.replace(/[^A-Za-z0-9_.~-]/g, '_').slice(0, 50)}`
  if (!storeIsGiven) return 'sweeper:memory'
  throw new NamespaceError(
    'new Sweeper(): the database has no name to tell its keys from others in a shared store; give a namespace: { namespace: "blog" }',
  )
}
