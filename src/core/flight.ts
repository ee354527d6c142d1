import { WaitingLoad } from './wait-graph'

/** Answered to a caller who has waited long enough. */
export const LEFT: unique symbol = Symbol('left')

/** `setTimeout` turns longer waits into 1 ms. */
const MAX_TIMER_MS = 2_147_483_647

export interface FlightPlan {
  readonly name: string
  readonly load: (flight: Flight) => Promise<unknown>
  /** Called when the load has ended, before anybody learns how. */
  readonly onSettled: (flight: Flight) => void
  /** The flight that this one is queued behind, as long as it has not begun. */
  readonly behind: () => Flight | undefined
}

/** One load that any number of callers wait for. */
export class Flight {
  readonly #waiting: WaitingLoad
  readonly #result: Promise<unknown>
  #open: () => void = () => undefined
  #waiters = 0
  #settled = false
  #aborted: { readonly reason: unknown } | undefined
  #controller: AbortController | undefined

  /** Begins nothing yet: the load starts after `go()`, in the async context of whoever made the flight. */
  constructor(plan: FlightPlan) {
    this.#waiting = new WaitingLoad(plan.name, () => {
      const behind = plan.behind()
      return behind === undefined ? undefined : behind.#waiting
    })
    const gate = new Promise<void>((resolve) => {
      this.#open = resolve
    })
    this.#result = this.#run(gate, plan)
  }

  /** Aborted when every caller has left, and when the cache is closed. Made on first use. */
  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController()
      if (this.#aborted !== undefined) this.#controller.abort(this.#aborted.reason)
    }
    return this.#controller.signal
  }

  get isAborted(): boolean {
    return this.#aborted !== undefined
  }

  /** Starts the load, a microtask later. */
  go(): void {
    this.#open()
  }

  /** Tells the load that nobody wants its value any more; one that has not begun never will. */
  abort(reason: unknown): void {
    if (this.#settled || this.#aborted !== undefined) return
    this.#aborted = { reason }
    this.#controller?.abort(reason)
    this.#open()
  }

  /** @throws {RecursiveFactoryError} SWEEPER_RECURSIVE_FACTORY if this load waits for the one that asks */
  refuseCircle(): void {
    this.#waiting.refuseCircle()
  }

  /**
   * Waits for the value.
   *
   * @param timeoutMs after which the caller leaves; `Infinity` for never
   * @returns the value, or `LEFT`
   * @throws {RecursiveFactoryError} SWEEPER_RECURSIVE_FACTORY at once, if this load waits for the one that asks
   */
  async wait(timeoutMs: number): Promise<unknown> {
    this.refuseCircle()
    const release = this.#waiting.waitHere()
    this.#waiters += 1
    try {
      return await within(timeoutMs, this.#result)
    } finally {
      release()
      this.#waiters -= 1
      if (this.#waiters === 0) this.abort(new DOMException('every caller has left', 'AbortError'))
    }
  }

  async #run(gate: Promise<void>, { load, onSettled }: FlightPlan): Promise<unknown> {
    await gate
    try {
      if (this.#aborted !== undefined) throw this.#aborted.reason
      return await this.#waiting.run(() => load(this))
    } finally {
      this.#settled = true
      onSettled(this)
    }
  }
}

async function within(timeoutMs: number, result: Promise<unknown>): Promise<unknown> {
  if (timeoutMs > MAX_TIMER_MS) return result
  let timer: NodeJS.Timeout | undefined
  const end = new Promise<typeof LEFT>((resolve) => {
    timer = setTimeout(resolve, timeoutMs, LEFT).unref()
  })
  try {
    return await Promise.race([result, end])
  } finally {
    clearTimeout(timer)
  }
}
