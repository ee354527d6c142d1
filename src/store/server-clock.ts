import { type Clock, systemClock } from '../core/clock'
import type { StoreClock } from './store'

interface Sample extends StoreClock {
  /** On the steady clock. */
  readonly takenAtMs: number
  /** Wall clock less steady clock: it jumps when somebody sets the wall clock. */
  readonly skewMs: number
}

/** Two clocks drift apart by less than this: 100 millionths, several times what a quartz does. */
const DRIFT = 1e-4

/** `Date.now()` has whole milliseconds. */
const GRAIN_MS = 1

const JUMP_MS = 5

const steadyClock: Clock = { now: () => performance.now() }

/**
 * What this process knows of a server's clock, from replies that say the time: it lies between sending and receiving.
 * Keeps the sample that is the most exact now, ageing included.
 */
export class ServerClock {
  readonly #wall: Clock
  readonly #steady: Clock
  #best: Sample | undefined

  constructor(wall: Clock = systemClock, steady: Clock = steadyClock) {
    this.#wall = wall
    this.#steady = steady
  }

  /** Undefined before the first sample, after `forget`, and after the machine's clock was set. */
  read(): StoreClock | undefined {
    if (this.#best === undefined) return undefined
    const ageMs = this.#steady.now() - this.#best.takenAtMs
    const jumpedMs = Math.abs(this.#skew() - this.#best.skewMs)
    if (jumpedMs > JUMP_MS + ageMs * DRIFT) return undefined
    return { offsetMs: this.#best.offsetMs, errorMs: this.#best.errorMs + ageMs * DRIFT }
  }

  /** How old the sample is, in milliseconds; `Infinity` without one. */
  get ageMs(): number {
    return this.#best === undefined ? Infinity : this.#steady.now() - this.#best.takenAtMs
  }

  /** The server said `serverMs` at some moment between the two of the wall clock. */
  learn(serverMs: number, sentAtMs: number, receivedAtMs: number): void {
    const errorMs = (receivedAtMs - sentAtMs) / 2 + GRAIN_MS
    if (!Number.isFinite(serverMs) || errorMs < GRAIN_MS) return
    const offsetMs = serverMs - (sentAtMs + receivedAtMs) / 2
    const known = this.read()
    if (known !== undefined && known.errorMs < errorMs && agree(known, { offsetMs, errorMs }))
      return
    this.#best = { offsetMs, errorMs, takenAtMs: this.#steady.now(), skewMs: this.#skew() }
  }

  forget(): void {
    this.#best = undefined
  }

  #skew(): number {
    return this.#wall.now() - this.#steady.now()
  }
}

/** If not, one of the clocks was set meanwhile, and the newer sample is right. */
function agree(one: StoreClock, other: StoreClock): boolean {
  return Math.abs(one.offsetMs - other.offsetMs) <= one.errorMs + other.errorMs
}
