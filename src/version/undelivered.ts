import type { Store, TokenSweep } from '../store/store'

/** Beyond this many tokens that could not be swept, everything of the namespace counts as unswept. */
const MAX_UNDELIVERED = 10_000
const FIRST_RETRY_MS = 100
const LAST_RETRY_MS = 5_000

/**
 * Sweeps that the store has not acknowledged. While there are any, this process does not trust the store;
 * they are sent again until it acknowledges them.
 *
 * Bounded: past the bound the type tokens of all entities stand in for the single ones.
 */
export class Undelivered {
  readonly #store: Pick<Store, 'sweep'>
  readonly #everything: () => readonly string[]
  #sweeps = new Map<string, boolean>()
  /** What is kept stands for all there is, also for what comes after it. */
  #isEverything = false
  #timer: NodeJS.Timeout | undefined
  #retryMs = FIRST_RETRY_MS
  #delivering: Promise<boolean> | undefined
  /** What is on its way still counts as undelivered: its answer may be a failure. */
  #inFlight = 0
  #closed = false

  /** @param everything the type tokens of all entities, for when the bound is passed */
  constructor(store: Pick<Store, 'sweep'>, everything: () => readonly string[]) {
    this.#store = store
    this.#everything = everything
  }

  /** What is on its way included; a token that is to be swept once more counts twice. */
  get size(): number {
    return this.#sweeps.size + this.#inFlight
  }

  /** Whether anything is not yet acknowledged. */
  get isPending(): boolean {
    return this.size > 0
  }

  /** Keeps sweeps until they are delivered. */
  add(sweeps: readonly TokenSweep[]): void {
    this.#keep(sweeps)
    this.#schedule()
  }

  /** Over a new connection: sends what is left at once, and with it these, which were acknowledged over the last one. */
  replay(sweeps: readonly TokenSweep[]): void {
    if (this.#closed) return
    this.#keep(sweeps)
    this.#retryMs = FIRST_RETRY_MS
    void this.deliver()
  }

  #keep(sweeps: readonly TokenSweep[]): void {
    if (this.#isEverything) return
    for (const { key, row } of sweeps)
      this.#sweeps.set(key, row || (this.#sweeps.get(key) ?? false))
    if (this.#sweeps.size > MAX_UNDELIVERED) this.#keepEverything()
  }

  #keepEverything(): void {
    this.#isEverything = true
    this.#sweeps = new Map(this.#everything().map((key) => [key, true]))
  }

  /** Tries once, now. True when nothing is left. Never rejects. */
  deliver(): Promise<boolean> {
    this.#delivering ??= this.#send().finally(() => {
      this.#delivering = undefined
    })
    return this.#delivering
  }

  /** Tries until nothing is left or the time is up. */
  async deliverWithin(ms: number): Promise<boolean> {
    const end = Date.now() + ms
    while (this.isPending) {
      if (await this.deliver()) return true
      const left = end - Date.now()
      if (left <= 0) return false
      await new Promise((resolve) => {
        setTimeout(resolve, Math.min(left, FIRST_RETRY_MS))
      })
    }
    return true
  }

  close(): void {
    this.#closed = true
    clearTimeout(this.#timer)
  }

  async #send(): Promise<boolean> {
    if (this.#sweeps.size === 0) return true
    const sent = [...this.#sweeps].map(([key, row]) => ({ key, row }))
    const wasEverything = this.#isEverything
    // What comes from here on may be written after these were swept.
    this.#sweeps = new Map()
    this.#isEverything = false
    this.#inFlight = sent.length
    try {
      await this.#store.sweep(sent)
      this.#retryMs = FIRST_RETRY_MS
      return this.#sweeps.size === 0
    } catch {
      // The store reports its failures itself (GuardedStore's onError); here they only mean "again later".
      if (wasEverything) this.#keepEverything()
      else this.#keep(sent)
      this.#retryMs = Math.min(this.#retryMs * 2, LAST_RETRY_MS)
      return false
    } finally {
      this.#inFlight = 0
      this.#schedule()
    }
  }

  #schedule(): void {
    if (this.#closed || this.#timer !== undefined || this.#sweeps.size === 0) return
    this.#timer = setTimeout(() => {
      this.#timer = undefined
      void this.deliver()
    }, this.#retryMs)
    this.#timer.unref()
  }
}
