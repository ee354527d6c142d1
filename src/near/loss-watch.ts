import { MIN_TOKEN_LIFE_MS, type TokenState } from '../store/token'
import type { Store } from '../store/store'

/** How late a loss may be noticed. */
const PERIOD_MS = 1_000

/**
 * Notices that a server has lost its memory (`FLUSHALL`, `FLUSHDB`), which nothing pushes: a token of the tier's own on it,
 * looked at every second, is then gone. Nothing becomes stale by it, as sweeps are told whether their tokens exist or not;
 * but who empties a store means what was made of it too.
 */
export class LossWatch {
  readonly #store: Pick<Store, 'read' | 'mint'>
  readonly #keys: readonly string[]
  readonly #lost: () => void
  readonly #timer: NodeJS.Timeout
  readonly #seen = new Map<string, string>()

  /**
   * @param keys of one token on each server
   * @param lost called when one of them is another one than before
   */
  constructor(store: Pick<Store, 'read' | 'mint'>, keys: readonly string[], lost: () => void) {
    this.#store = store
    this.#keys = keys
    this.#lost = lost
    this.#timer = setInterval(() => void this.look(), PERIOD_MS).unref()
  }

  /** 1 round trip, 2 where one has to be made. Never rejects: a store that does not answer has lost nothing that is known. */
  async look(): Promise<void> {
    try {
      const { tokens } = await this.#store.read(this.#keys, [])
      if (this.#keys.some((key, index) => this.#hasLost(key, tokens[index]))) this.#lost()
      this.#remember(this.#keys, tokens)
      const missing = this.#keys.filter((key) => !this.#seen.has(key))
      if (missing.length > 0)
        this.#remember(missing, await this.#store.mint(missing, MIN_TOKEN_LIFE_MS))
    } catch {
      // The store's guard reports it. While the store is not there its readers go without it.
    }
  }

  #hasLost(key: string, state: TokenState | undefined): boolean {
    const before = this.#seen.get(key)
    return before !== undefined && before !== state?.seen
  }

  #remember(keys: readonly string[], states: readonly (TokenState | undefined)[]): void {
    for (const [index, key] of keys.entries()) {
      const state = states[index]
      if (state === undefined) this.#seen.delete(key)
      else this.#seen.set(key, state.seen)
    }
  }

  close(): void {
    clearInterval(this.#timer)
  }
}
