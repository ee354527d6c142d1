import type { InstanceOrigin } from './subject'
import { NO_TENANTS, type Tenant, type Tenants } from './tenants'

/** What a load was made on; structurally TypeORM's query runner. */
export interface LoadRunner {
  readonly isTransactionActive: boolean
}

interface Noted {
  readonly loadedAtMs: number | undefined
  readonly runner: WeakRef<LoadRunner>
  readonly tenant: Tenant
}

const UNKNOWN: InstanceOrigin = { loadedAtMs: undefined, inTransaction: false }

/**
 * Remembers when instances were loaded: the start of the query that brought them, not the moment they arrived.
 * A fragment made from an instance may be kept only if nothing was written since then (consistency H4).
 */
export class InstanceOrigins {
  readonly #noted = new WeakMap<object, Noted>()
  readonly #tenants: Tenants
  /** Of the runner before: what was loaded together is noted together. */
  #last: WeakRef<LoadRunner> | undefined

  constructor(tenants: Tenants = NO_TENANTS) {
    this.#tenants = tenants
  }

  /** @param loadedAtMs when the query began, by this process's clock; undefined if it ran in a transaction */
  note(instance: object, loadedAtMs: number | undefined, runner: LoadRunner): void {
    if (this.#last?.deref() !== runner) this.#last = new WeakRef(runner)
    this.#noted.set(instance, { loadedAtMs, runner: this.#last, tenant: this.#tenants.current })
  }

  /** An instance that was saved holds a mix of what was loaded and what was written: nothing can be proved of it. */
  forget(instance: object, runner: LoadRunner): void {
    this.note(instance, undefined, runner)
  }

  originOf(instance: object): InstanceOrigin {
    const noted = this.#noted.get(instance)
    if (noted === undefined) return UNKNOWN
    const inTransaction: boolean =
      noted.loadedAtMs === undefined && (noted.runner.deref()?.isTransactionActive ?? false)
    // Another tenant's record of the same key.
    const isTheirs = noted.tenant !== this.#tenants.current
    return { loadedAtMs: isTheirs ? undefined : noted.loadedAtMs, inTransaction }
  }
}
