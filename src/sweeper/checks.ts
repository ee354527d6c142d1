import { parseDuration, type Duration } from '../core/duration'
import { InvalidOptionError, quoted } from '../core/errors'

export function checkCount(name: string, value: number): void {
  if (!Number.isInteger(value) || value < 1) throw wrong(name, value, 'a whole number from 1')
}

/** Nothing hangs: these durations must end. */
export function bounded(name: string, value: Duration): number {
  const ms = parseDuration(value, `new Sweeper(): ${name}`)
  if (ms <= 0 || !Number.isFinite(ms)) throw wrong(name, value, 'a duration above 0 that ends')
  return ms
}

export function wrong(name: string, value: unknown, right: string): InvalidOptionError {
  return new InvalidOptionError(
    `new Sweeper(): ${name} ${quoted(value)} is not usable; give ${right}`,
  )
}
