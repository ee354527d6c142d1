import { AsyncContext } from '../core/async-context'

/** A fence that was begun with a request. */
export interface RequestFence {
  readonly fenced: Promise<void>
  isFenced: boolean
}

/** One request that is being served. */
export interface RequestScope {
  /** Undefined without a near tier. */
  readonly fence: RequestFence | undefined
  /** The tokens of what it wrote. */
  readonly written: Set<string>
}

/** The requests under way: which one a piece of code belongs to travels with its async context. */
export class RequestScopes {
  readonly #scopes = new AsyncContext<RequestScope>()

  get current(): RequestScope | undefined {
    return this.#scopes.current
  }

  run<T>(fence: RequestFence | undefined, work: () => T): T {
    return this.#scopes.run({ fence, written: new Set() }, work)
  }
}
