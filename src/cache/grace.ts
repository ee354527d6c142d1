import type { RequestScopes } from '../near/request-scopes'
import type { Fragment } from './fragment'

/** Beyond this many tokens remembered, everything counts as written here for a while. */
const MAX_WRITTEN = 10_000

/**
 * Who may be given a value that was swept: never those who swept it (consistency H27). In a request that is what the
 * request wrote; elsewhere, where nobody knows who belongs to whom, what this process wrote within the grace.
 */
export class Grace {
  readonly #requests: RequestScopes
  readonly #now: () => number
  readonly #writtenAtMs = new Map<string, number>()
  #forgottenAtMs = -Infinity

  constructor(requests: RequestScopes, now: () => number = () => performance.now()) {
    this.#requests = requests
    this.#now = now
  }

  /** This process has marked or swept these tokens. */
  written(keys: readonly string[]): void {
    const scope = this.#requests.current
    if (scope !== undefined) for (const key of keys) scope.written.add(key)
    if (this.#writtenAtMs.size + keys.length > MAX_WRITTEN) {
      this.#writtenAtMs.clear()
      this.#forgottenAtMs = this.#now()
    }
    if (keys.length <= MAX_WRITTEN) for (const key of keys) this.#writtenAtMs.set(key, this.#now())
  }

  isFor({ tokens, graceMs }: Fragment): boolean {
    const scope = this.#requests.current
    if (scope !== undefined) return !tokens.some(({ key }) => scope.written.has(key))
    const sinceMs = this.#now() - graceMs
    if (this.#forgottenAtMs >= sinceMs) return false
    return !tokens.some(({ key }) => (this.#writtenAtMs.get(key) ?? -Infinity) >= sinceMs)
  }
}
