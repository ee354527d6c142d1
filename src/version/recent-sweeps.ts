import { type Clock, systemClock } from '../core/clock'
import type { TokenSweep } from '../store/store'

/** Longer ago than a replica lags behind, by far (milliseconds). */
const KEPT_MS = 60_000
/** Beyond this many tokens the oldest are forgotten early. */
const MAX_KEPT = 5_000

interface Kept {
  readonly row: boolean
  readonly atMs: number
}

/**
 * The sweeps that the store has acknowledged lately. A server that takes over from another one may never have heard of
 * them (consistency H19, H21): they are sent again over every new connection.
 */
export class RecentSweeps {
  readonly #clock: Clock
  // In the order of their times.
  readonly #sweeps = new Map<string, Kept>()

  constructor(clock: Clock = systemClock) {
    this.#clock = clock
  }

  add(sweeps: readonly TokenSweep[]): void {
    const nowMs = this.#clock.now()
    for (const { key, row } of sweeps) {
      const known = this.#sweeps.get(key)
      this.#sweeps.delete(key)
      this.#sweeps.set(key, { row: row || (known?.row ?? false), atMs: nowMs })
    }
    this.#prune(nowMs)
  }

  all(): readonly TokenSweep[] {
    this.#prune(this.#clock.now())
    return [...this.#sweeps].map(([key, { row }]) => ({ key, row }))
  }

  #prune(nowMs: number): void {
    for (const [key, { atMs }] of this.#sweeps) {
      if (nowMs - atMs < KEPT_MS && this.#sweeps.size <= MAX_KEPT) return
      this.#sweeps.delete(key)
    }
  }
}
