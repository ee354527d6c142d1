import { AsyncContext } from '../core/async-context'
import type { BulkProgressEvent } from '../core/sweeper-events'
import type { Tenant } from '../core/tenants'
import type { EntityType } from '../model/entity-type'
import type { WriteResult, WriteStatement } from './write-statement'

/** Often enough for somebody who watches, and no burden to an import of a million statements. */
const TOLD_EVERY_MS = 1000

export interface BulkOptions {
  /** Whether the types written are swept when it settles. */
  readonly sweep: boolean
  /** Milliseconds, from anywhere. */
  readonly now: () => number
  onProgress(make: () => BulkProgressEvent): void
}

/** A `withoutSweeping()` in progress: what it wrote so far. */
export class Bulk {
  readonly types = new Set<EntityType>()
  readonly tenants = new Set<Tenant>()
  readonly sweep: boolean
  readonly #options: BulkOptions
  readonly #startedMs: number
  #toldMs: number
  #statements = 0
  #rows = 0

  constructor(options: BulkOptions) {
    this.sweep = options.sweep
    this.#options = options
    this.#startedMs = options.now()
    this.#toldMs = this.#startedMs
  }

  /** A statement of it writes to these types. */
  note(types: readonly EntityType[], tenant: Tenant): void {
    if (types.length === 0) return
    for (const type of types) this.types.add(type)
    this.tenants.add(tenant)
  }

  /** Runs a statement of it. */
  async count<R extends WriteResult>(
    { kind, values, isFromSelect }: WriteStatement,
    run: () => Promise<R>,
  ): Promise<R> {
    const result = await run()
    const inserted = kind === 'insert' && !isFromSelect ? values.length : undefined
    this.wrote(inserted ?? result.affected ?? 0)
    return result
  }

  /** A statement has written this many rows, as far as the database told. */
  wrote(rows: number): void {
    this.#statements++
    this.#rows += rows
    if (this.#options.now() - this.#toldMs >= TOLD_EVERY_MS) this.#tell(false)
  }

  /** The work has settled, and what it wrote was swept. */
  done(): void {
    if (this.#statements > 0) this.#tell(true)
  }

  #tell(done: boolean): void {
    this.#toldMs = this.#options.now()
    this.#options.onProgress(() => ({
      types: [...this.types].map(({ name }) => name).toSorted(),
      statements: this.#statements,
      rows: this.#rows,
      elapsedMs: this.#toldMs - this.#startedMs,
      done,
    }))
  }
}

const bulk = new AsyncContext<Bulk>()

/** Runs work whose writes are only noted by type. */
export function inBulk<T>(one: Bulk, work: () => Promise<T>): Promise<T> {
  return bulk.runToEnd(one, work)
}

/** The `withoutSweeping()` that this code runs in, if it does. */
export function currentBulk(): Bulk | undefined {
  return bulk.current
}
