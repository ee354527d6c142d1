import type { Duration } from '../core/duration'
import { bounded, checkCount, wrong } from './checks'

/** How hits are loaded anew and compared. */
export interface ShadowOptions {
  /** How many of the hits: 0.01 for one in a hundred. */
  readonly rate: number
  /**
   * How long after the hit; at least `replicaLag`. Before a difference is told, what the value depends on has to stand for
   * as long again.
   *
   * @default '1s'
   */
  readonly delay?: Duration
  /** How many loads at once. @default 1 */
  readonly concurrency?: number
}

/** With nothing left open. */
export interface ShadowSettings {
  readonly rate: number
  readonly delayMs: number
  readonly concurrency: number
}

const DEFAULTS = { delay: '1s', concurrency: 1 } as const

/** @throws {InvalidOptionError} SWEEPER_INVALID_OPTION */
export function resolveShadow(given: number | ShadowOptions): ShadowSettings | undefined {
  const { rate, delay, concurrency } = {
    ...DEFAULTS,
    ...(typeof given === 'object' ? given : { rate: given }),
  }
  if (typeof rate !== 'number' || !(rate >= 0 && rate <= 1))
    throw wrong(typeof given === 'object' ? 'shadow.rate' : 'shadow', rate, 'a number from 0 to 1')
  checkCount('shadow.concurrency', concurrency)
  const delayMs = bounded('shadow.delay', delay)
  return rate === 0 ? undefined : { rate, delayMs, concurrency }
}
