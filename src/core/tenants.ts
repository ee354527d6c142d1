import { AsyncContext } from './async-context'

/** Whose records are meant: the name of a tenant; null where nobody could tell. */
export type Tenant = string | null

/** Where records are of nobody in particular. */
const ONLY: Tenant = ''

/**
 * Knows whose records are meant at this moment. What is begun for one tenant is ended for that tenant, whatever
 * the resolver would say by then.
 */
export class Tenants {
  readonly #resolve: (() => unknown) | undefined
  readonly #onThrow: ((error: unknown) => void) | undefined
  readonly #begun = new AsyncContext<{ readonly tenant: Tenant }>()

  /**
   * @param resolve undefined where there are no tenants: then nothing of this costs anything
   * @param onThrow is told what the resolver throws, which is no answer
   */
  constructor(resolve?: () => unknown, onThrow?: (error: unknown) => void) {
    this.#resolve = resolve
    this.#onThrow = onThrow
  }

  get areKept(): boolean {
    return this.#resolve !== undefined
  }

  /** Of what is being worked on here, else who is asked for now. */
  get current(): Tenant {
    if (this.#resolve === undefined) return ONLY
    const begun = this.#begun.current
    return begun === undefined ? this.#ask() : begun.tenant
  }

  /** Works for who is asked for now. */
  now<R>(work: () => R): R {
    return this.#resolve === undefined ? work() : this.#begun.run({ tenant: this.#ask() }, work)
  }

  /** Works for this tenant. */
  in<R>(tenant: Tenant, work: () => R): R {
    return this.#resolve === undefined ? work() : this.#begun.run({ tenant }, work)
  }

  #ask(): Tenant {
    try {
      const answer = this.#resolve?.()
      return typeof answer === 'string' && answer !== '' ? answer : null
    } catch (error) {
      this.#onThrow?.(error)
      return null
    }
  }
}

/** For one Sweeper without tenants. */
export const NO_TENANTS = new Tenants()
