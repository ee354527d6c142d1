import type { QueryRunner } from 'typeorm'
import type { Tenant } from '../core/tenants'
import type { TokenState } from '../store/token'
import type { EntityType } from '../model/entity-type'
import type { Bulk } from './bulk'
import type { ReachedRecord } from './frame'
import { PendingSweeps } from './pending-sweeps'

export interface Announced {
  statements: number
  oldParentsKnown: boolean
}

/** How a COMMIT that we watched went, as far as the database told. */
export type CommitAnswer = 'none' | 'rolled-back' | 'refused' | 'lost'

/**
 * One unit of work: an outermost transaction, or one statement outside any.
 * Kept by query runner and dropped with it; state in `queryRunner.data` would be swapped away
 * by `save(entity, { data })` (typeorm facts T9).
 */
export class UnitOfWork {
  readonly runner: QueryRunner
  /** Names this unit in marks. */
  readonly owner: string
  readonly pending = new PendingSweeps()
  /**
   * Rows that a running `save()` has announced through its hooks, with how many of its statements are to come
   * and whether their old parents were read. Their single statements need no look of their own.
   */
  readonly announced = new Map<string, Announced>()
  /** Keys under our marks, and when they were set (milliseconds of this process). */
  readonly marked = new Set<string>()
  markedAtMs: number | undefined
  /** The transaction of a single `save()`: it is short, so marks may be set before its end. */
  isSave = false
  /** Marks that travel while its statements run. */
  readonly early: Promise<unknown>[] = []
  /** What the store held under each key when it was marked. */
  readonly seenAt = new Map<string, TokenState | undefined>()
  /** The type tokens of those whose links were followed, before that; undefined where the store did not tell. */
  readonly typesSeen = new Map<string, TokenState | undefined>()
  /** Records whose links were followed: after COMMIT each must have the row half that it had when it was marked. */
  readonly followed = new Map<string, ReachedRecord>()
  /** Reads in this transaction may come from an old snapshot: links have to be read again after COMMIT. */
  readsOldSnapshot = false
  /**
   * The database may have ended the transaction by itself: what runs after that is committed statement by statement,
   * also if the transaction is "rolled back" then. TypeORM sends the updates of one `save()` side by side.
   */
  mayBeEnded = false
  /** How it ended; undefined while it is open. */
  end: 'committed' | 'rolled-back' | undefined
  readonly #looks = new Set<Promise<unknown>>()
  readonly #postponed = new Map<Bulk, Set<EntityType>>()
  #turn: Promise<unknown> = Promise.resolve()
  /** COMMIT was sent. */
  committing = false
  answer: CommitAnswer = 'none'
  /** Nobody knows what became of it: its connection was lost, or is about to be. */
  isInDoubt = false
  /** A statement outside any transaction: what is written beside it is committed by itself. */
  isAlone = false
  /** It makes, changes or drops tables: that of the outbox may be one of them. */
  definesTables = false
  /** The rows of the outbox that hold its sweep. */
  readonly recorded: number[] = []
  /** Why its sweep could not be recorded; its COMMIT must not be sent. */
  refusal: unknown
  /** Whose records it names; undefined while it has named none. */
  tenant: Tenant | undefined

  constructor(runner: QueryRunner, owner: string, readsOldSnapshot: boolean) {
    this.runner = runner
    this.owner = owner
    this.readsOldSnapshot = readsOldSnapshot
  }

  /** Reads rows for a statement of this unit. */
  async look<T>(work: () => Promise<T>): Promise<T> {
    const looking = work()
    this.#looks.add(looking)
    try {
      return await looking
    } finally {
      this.#looks.delete(looking)
    }
  }

  /** Begins statements in the order in which they were called, whatever each has to look at before. */
  inTurn<T>(begin: () => Promise<T>): Promise<T> {
    const begun = this.#turn.then(begin, begin)
    this.#turn = begun
    // From the call on, not from its turn: a COMMIT may come in between.
    return this.look(() => begun)
  }

  /**
   * Waits until no statement is held up by a look of ours. COMMIT and ROLLBACK wait for it: TypeORM sends the updates
   * of one `save()` side by side, and one that fails must not let the others slip out of the transaction.
   */
  async looked(): Promise<void> {
    while (this.#looks.size > 0) {
      await Promise.allSettled(this.#looks)
      // The statement itself is sent before the event loop turns.
      await new Promise((resolve) => {
        setImmediate(resolve)
      })
    }
  }

  /** Whether there is something to read on, after it: a connection that is alive, in no transaction, and still the writer's. */
  get hasFreeConnection(): boolean {
    return !this.isInDoubt && !this.runner.isReleased && !this.runner.isTransactionActive
  }

  /**
   * Whether records that are written now can be named: they are those of the tenant that it names records of from the first one on.
   */
  names(tenant: Tenant): boolean {
    if (tenant === null) return false
    this.tenant ??= tenant
    return this.tenant === tenant
  }

  get hasWritten(): boolean {
    return !this.pending.isEmpty || this.#postponed.size > 0
  }

  /** Written inside `withoutSweeping()`, which sweeps the types it wrote when it settles. */
  postpone(bulk: Bulk, types: readonly EntityType[]): void {
    const known = this.#postponed.get(bulk) ?? new Set()
    for (const type of types) known.add(type)
    this.#postponed.set(bulk, known)
  }

  /** Before COMMIT: what was postponed to a `withoutSweeping()` that this commit is not part of is due now. */
  takePostponed(current: Bulk | undefined): void {
    for (const [bulk, types] of this.#postponed)
      if (bulk.sweep && bulk !== current)
        for (const type of types) this.pending.top.addType(type, 'everywhere')
  }
}
