import { LONGEST_TIMER_MS } from './deadline'

/** A call under way. */
export interface Call {
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
   * A call begins.
   *
   * @param late called when its time is up, unless it has ended
   */
  begin(late: () => void): Call {
    const call = { endsMs: performance.now() + this.#ms, late }
    this.#open.add(call)
    if (this.#timer === undefined) this.#wait(this.#ms)
    return call
  }

  /** It has ended. False: its time was up before, and whoever waited has been told. */
  end(call: Call): boolean {
    return this.#open.delete(call)
  }

  #wait(ms: number): void {
    if (ms <= LONGEST_TIMER_MS) this.#timer = setTimeout(this.#look, Math.ceil(ms)).unref()
  }

  readonly #look = (): void => {
    this.#timer = undefined
    const nowMs = performance.now()
    const over: Call[] = []
    for (const call of this.#open) {
      if (call.endsMs > nowMs) {
        this.#wait(call.endsMs - nowMs)
        break
      }
      over.push(call)
    }
    // A process that was busy finds timers and replies due at once, timers first: one turn for the replies.
    if (over.length > 0) setImmediate(() => this.#giveUp(over))
  }

  #giveUp(calls: readonly Call[]): void {
    for (const call of calls) if (this.end(call)) call.late()
  }
}
