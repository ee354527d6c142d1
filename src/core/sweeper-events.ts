/** Something was read from the cache. */
export interface HitEvent {
  /** What it was asked for as: `Comment:17`. */
  readonly subject: string
  /** The fragment's name as the caller gave it: `comment.card`. */
  readonly key: string
  /** How long the read took, in milliseconds. */
  readonly durationMs: number
  /** Only for what was served out of `grace`: how long it had been swept or over, in milliseconds. */
  readonly staleForMs?: number
}

/**
 * Why a read found nothing to serve:
 *
 * - `absent`: there is no entry
 * - `swept`: there is one, made under tokens that have been replaced or lost since
 * - `expired`: its life is over
 * - `marked`: a write to one of its records is being committed
 * - `attribute`: it was made from an instance with another value of the `using` attribute
 * - `unreadable`: its bytes are of another release, or damaged
 * - `store`: the store did not answer, or is not trusted at the moment
 * - `transaction`: the reader's transaction has written
 * - `tenant`: `tenant` did not tell who is asked for
 * - `fresh`: the caller asked for a new value
 */
export type MissReason =
  | 'absent'
  | 'swept'
  | 'expired'
  | 'marked'
  | 'attribute'
  | 'unreadable'
  | 'store'
  | 'transaction'
  | 'tenant'
  | 'fresh'

/** Nothing could be read from the cache. */
export interface MissEvent {
  readonly subject: string
  readonly key: string
  readonly reason: MissReason
  /** How long it took to find that out, in milliseconds; the load comes after it. */
  readonly durationMs: number
}

/** A value was loaded and handed to the store. */
export interface FillEvent {
  readonly subject: string
  readonly key: string
  /** The size of the value as it is stored. */
  readonly bytes: number
  /** How long the factory took, in milliseconds. */
  readonly loadMs: number
}

/** A value was loaded and served, and not stored, because it could not be proved to be new enough. */
export interface UnprovenEvent {
  readonly subject: string
  readonly key: string
  /** What was missing for the proof, in words. */
  readonly reason: string
}

/** Why one record was swept. */
export interface SweepCause {
  /** `Article:7` */
  readonly record: string
  /** What was done to the record where the cascade began: `insert`, `update`, `remove`, ... */
  readonly operation: string
  /** The records the cascade came through, from the changed one on: `Vote:3`, `Comment:17`; empty for the changed one itself. */
  readonly path: readonly string[]
  /** The relation that led on from each of them: `Vote.comment`, `Comment.article`. */
  readonly relations: readonly string[]
}

/** Tokens were replaced: once per committed unit of work, `withoutSweeping()` or `clear()`. */
export interface SweepEvent {
  /** Everything that was swept, cascaded records included: `Comment:17`, `Article:7`; with tenants `acme/Comment:17`. */
  readonly records: readonly string[]
  /** Types that were swept as a whole. */
  readonly types: readonly string[]
  /** From COMMIT, or from when it was asked for, until the store's acknowledgement or until waiting for it was given up, in milliseconds. */
  readonly durationMs: number
  /** False while the store has not acknowledged it; it is sent again until it has. */
  readonly delivered: boolean
  readonly causes: readonly SweepCause[]
}

/** A writer has stopped waiting for its sweep to be delivered; it is sent again in the background. */
export interface SweepPendingEvent {
  /** How many tokens of this process wait to be replaced. */
  readonly keys: number
}

/** Sweeps that others had left in the outbox were delivered. */
export interface OutboxDeliveryEvent {
  /** Rows delivered and deleted. */
  readonly rows: number
  readonly durationMs: number
}

/** The store did not answer in time, or said no. */
export interface StoreErrorEvent {
  /** `memory`, `redis`, ... */
  readonly store: string
  /** `read`, `mint`, `write`, `sweep`, ... */
  readonly operation: string
  /** As in `StoreUnavailableError`. */
  readonly reason: string
  readonly durationMs: number
}

/** The store is asked no more (`open`), one call tries it (`half-open`), or it answers again (`closed`); of a cluster, its worst server. */
export interface CircuitEvent {
  readonly state: 'closed' | 'open' | 'half-open'
}

/** A whole type was swept, because its changed rows could not be named or were too many. */
export interface TypeSweepEvent {
  /** The entity's name. */
  readonly type: string
  /** Why, in words. */
  readonly reason: string
}

/** How far a `withoutSweeping()` has come: at most once a second while it writes, and once when it has settled. */
export interface BulkProgressEvent {
  /** The entities written to so far, by name. */
  readonly types: readonly string[]
  /** Statements that have succeeded. */
  readonly statements: number
  /** The rows they wrote, as far as the database told: those of raw SQL and `INSERT ... SELECT` are not counted. */
  readonly rows: number
  /** Since `withoutSweeping()` was called, in milliseconds. */
  readonly elapsedMs: number
  /** True for the last one, when the types were swept, also after an error. */
  readonly done: boolean
}

/**
 * What came of loading a value anew that had been served from the cache:
 *
 * - `same`: it was what the database says
 * - `different`: it was not, and nothing that it depends on had been swept
 * - `inconclusive`: what it depends on was written meanwhile, or the store did not answer, or the factory skipped
 * - `failed`: the factory threw
 * - `dropped`: too many were waiting, so it was not loaded
 */
export type ShadowOutcome = 'same' | 'different' | 'inconclusive' | 'failed' | 'dropped'

/** Some of the hits are loaded anew and compared: with the option `shadow`. */
export interface ShadowEvent {
  readonly subject: string
  readonly key: string
  readonly outcome: ShadowOutcome
  /**
   * How old the value was when it was served, in milliseconds. By its end and the `ttl` that it was asked for with; where
   * those do not tell, since the last sweep of what it depends on, which is the most it can be.
   */
  readonly ageMs: number
  /** How long the load took, in milliseconds; only where there was one. */
  readonly loadMs?: number
  /** Only for `different`: where, as in JavaScript: `.comments[2].text`; empty for the value as a whole. Never what. */
  readonly at?: string
  /** Only for `failed`. */
  readonly error?: unknown
}

/** The events of a Sweeper and what comes with them. On `node:diagnostics_channel`: `typeorm-sweeper:<event>`. */
export interface SweeperEvents {
  readonly hit: HitEvent
  readonly miss: MissEvent
  readonly fill: FillEvent
  readonly unproven: UnprovenEvent
  readonly sweep: SweepEvent
  readonly 'sweep-pending': SweepPendingEvent
  readonly 'outbox-delivery': OutboxDeliveryEvent
  readonly 'store-error': StoreErrorEvent
  readonly circuit: CircuitEvent
  readonly 'type-sweep': TypeSweepEvent
  readonly 'bulk-progress': BulkProgressEvent
  readonly shadow: ShadowEvent
}
