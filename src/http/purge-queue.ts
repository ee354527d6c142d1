const FIRST_RETRY_MS = 1_000
const LAST_RETRY_MS = 30_000

/** Collects keys and hands them over, one call at a time; what a call did not take is handed over again. */
export class PurgeQueue {
  readonly #purge: (keys: readonly string[]) => Promise<void> | void
  readonly #onError: (error: unknown) => void
  readonly #waiting = new Set<string>()
  #retryMs = FIRST_RETRY_MS
  #timer: NodeJS.Timeout | undefined
  #running: Promise<void> | undefined
  #isClosed = false

  constructor(
    purge: (keys: readonly string[]) => Promise<void> | void,
    onError: (error: unknown) => void,
  ) {
    this.#purge = purge
    this.#onError = onError
  }

  add(keys: readonly string[]): void {
    for (const key of keys) this.#waiting.add(key)
    this.#start()
  }

  /** Resolves when a last call has been tried. */
  async close(): Promise<void> {
    this.#isClosed = true
    clearTimeout(this.#timer)
    this.#timer = undefined
    await this.#running
    if (this.#waiting.size > 0) await this.#hand()
  }

  #start(): void {
    if (this.#running !== undefined || this.#timer !== undefined || this.#waiting.size === 0) return
    this.#running = this.#hand().finally(() => {
      this.#running = undefined
      if (!this.#isClosed) this.#start()
    })
  }

  async #hand(): Promise<void> {
    // Sweeps of one tick go together.
    await new Promise((resolve) => setImmediate(resolve))
    const keys = [...this.#waiting]
    this.#waiting.clear()
    try {
      await this.#purge(keys)
      this.#retryMs = FIRST_RETRY_MS
    } catch (error) {
      for (const key of keys) this.#waiting.add(key)
      this.#onError(error)
      if (!this.#isClosed) this.#retryLater()
    }
  }

  #retryLater(): void {
    this.#timer = setTimeout(() => {
      this.#timer = undefined
      this.#start()
    }, this.#retryMs).unref()
    this.#retryMs = Math.min(this.#retryMs * 2, LAST_RETRY_MS)
  }
}
