/** Intervals differ by up to a quarter, so that the processes of an application do not look in step. */
const JITTER = 0.25
/** Long enough for a writer to delete what it has delivered itself. */
const SOON_MS = 40
const LOOKS = 2

export interface PollerOptions {
  readonly everyMs: number
  /** Looks once. */
  readonly look: () => Promise<void>
  /** Told when looking begins to fail, and not again until it has succeeded. */
  readonly onError: (error: unknown) => void
}

/** Looks again and again, one look at a time, on a timer that keeps no process alive. */
export class Poller {
  readonly #options: PollerOptions
  #timer: NodeJS.Timeout | undefined
  #dueMs = Infinity
  /** Looks that are to come soon. */
  #soon = 0
  #looking: Promise<void> | undefined
  #isFailing = false
  #isClosed = false
  #isStarted = false

  constructor(options: PollerOptions) {
    this.#options = options
  }

  start(): void {
    if (this.#isStarted) return
    this.#isStarted = true
    this.#schedule(this.#options.everyMs)
  }

  /** Looks twice soon, whatever the interval: what two looks have seen is delivered. Never puts a look off. */
  soon(): void {
    this.#soon = LOOKS
    const isDueSooner = this.#dueMs <= performance.now() + SOON_MS
    if (this.#isStarted && this.#looking === undefined && !isDueSooner) this.#schedule(SOON_MS)
  }

  /** Stops. Resolves when the look that is under way has ended. */
  async close(): Promise<void> {
    this.#isClosed = true
    clearTimeout(this.#timer)
    await this.#looking
  }

  #schedule(ms: number): void {
    if (this.#isClosed) return
    clearTimeout(this.#timer)
    const jitter = 1 + JITTER * (2 * Math.random() - 1)
    this.#dueMs = performance.now() + ms * jitter
    this.#timer = setTimeout(() => {
      if (this.#soon > 0) this.#soon--
      this.#looking = this.#look().finally(() => {
        this.#looking = undefined
        this.#schedule(
          this.#soon > 0 ? Math.min(SOON_MS, this.#options.everyMs) : this.#options.everyMs,
        )
      })
    }, ms * jitter)
    this.#timer.unref()
  }

  async #look(): Promise<void> {
    try {
      await this.#options.look()
      this.#isFailing = false
    } catch (error) {
      if (!this.#isFailing && !this.#isClosed) this.#options.onError(error)
      this.#isFailing = true
    }
  }
}
