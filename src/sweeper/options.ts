import type { Logger } from 'typeorm'
import type { Duration } from '../core/duration'
import type { Store } from '../store/store'
import type { NearTierOptions } from './near-options'
import type { OutboxSettings } from './outbox-options'
import type { ShadowOptions } from './shadow-options'

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
