import { LONGEST_TIMER_MS } from './deadline'

interface Call {
  readonly endsMs: number
  late(): void
}

/**
 * One deadline for many calls, kept by one timer: calls that begin one after the other also end so. A timer for each was
 * measured to cost more than all else that is done about a call.
 *
 * While calls are under way, and at most one deadline longer, there is a timer; it keeps no process alive.
 */
export class Deadlines {
  readonly #ms: number
  // In the order of their ends.
  readonly #open = new Set<Call>()
  #timer: NodeJS.Timeout | undefined

  /** @param ms for every call; `Infinity` for no bound */
  constructor(ms: number) {
    this.#ms = ms
  }

  /**
   * Settles as `work` does, or rejects when the time is up; what `work` does after that is ignored.
   *
   * @param late makes the error to reject with
   */
  within<T>(work: Promise<T>, late: () => Error): Promise<T> {
    if (this.#ms > LONGEST_TIMER_MS) return work
    return new Promise((resolve, reject) => {
      const call = { endsMs: performance.now() + this.#ms, late: () => reject(late()) }
      this.#open.add(call)
      if (this.#timer === undefined) this.#timer = setTimeout(this.#look, this.#ms).unref()
      work.then(
        (value) => {
          this.#open.delete(call)
          resolve(value)
        },
        (error: Error) => {
          this.#open.delete(call)
          reject(error)
        },
      )
    })
  }

  readonly #look = (): void => {
    this.#timer = undefined
    const nowMs = performance.now()
    const over: Call[] = []
    for (const call of this.#open) {
      if (call.endsMs > nowMs) {
        this.#timer = setTimeout(this.#look, Math.ceil(call.endsMs - nowMs)).unref()
        break
      }
      over.push(call)
    }
    // A process that was busy finds timers and replies due at once, timers first: one turn for the replies.
    if (over.length > 0) setImmediate(() => this.#end(over))
  }

  #end(calls: readonly Call[]): void {
    for (const call of calls) if (this.#open.delete(call)) call.late()
  }
}
