import { MIN_TOKEN_LIFE_MS } from '../store/token'
import type { Store } from '../store/store'

/** How late a loss may be noticed. */
const PERIOD_MS = 1_000

/**
 * Notices that the store has lost its memory (`FLUSHALL`, `FLUSHDB`), which nothing pushes: a token of its own, looked at
 * every second, is then gone. Nothing becomes stale by it, as sweeps are told whether their tokens exist or not; but who
 * empties a store means what was made of it too.
 */
export class LossWatch {
  readonly #store: Pick<Store, 'mint'>
  readonly #key: string
  readonly #lost: () => void
  readonly #timer: NodeJS.Timeout
  #seen: string | undefined

  /** @param lost called when the token is another one than before */
  constructor(store: Pick<Store, 'mint'>, key: string, lost: () => void) {
    this.#store = store
    this.#key = key
    this.#lost = lost
    this.#timer = setInterval(() => void this.look(), PERIOD_MS).unref()
  }

  /** 1 round trip. Never rejects: a store that does not answer has lost nothing that is known. */
  async look(): Promise<void> {
    try {
      const [state] = await this.#store.mint([this.#key], MIN_TOKEN_LIFE_MS)
      if (this.#seen !== undefined && state?.seen !== this.#seen) this.#lost()
      this.#seen = state?.seen
    } catch {
      // The store's guard reports it. While the store is not there its readers go without it.
    }
  }

  close(): void {
    clearInterval(this.#timer)
  }
}
