import { InvalidDurationError } from './errors'

/**
 * How long: milliseconds, or text such as `'500ms'`, `'30s'`, `'10m'`, `'1.5h'`, `'1d'`.
 * `0` and `Infinity` are durations too; what they mean is the option's business.
 */
export type Duration = number | `${number}${keyof typeof UNIT_MS}`

const UNIT_MS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const
const TEXT = /^((?:\d+(?:\.\d+)?)|\.\d+)(ms|s|m|h|d)$/

/**
 * Reads a duration.
 *
 * @param value what the user gave, checked here: JavaScript callers can give anything
 * @param where names the option in the message: `getOrSet "comment.card": ttl`
 * @returns whole milliseconds, or `Infinity`; what is longer than 0 is at least 1, since 0 often means "never"
 * @throws {InvalidDurationError} SWEEPER_INVALID_DURATION for anything that is negative or no duration
 * @example
 * parseDuration('10m', 'ttl') // 600000
 */
export function parseDuration(value: unknown, where: string): number {
  const known = parsed.get(value)
  if (known !== undefined) return known
  const ms = millisecondsOf(value)
  if (ms === undefined || !(ms >= 0)) throw new InvalidDurationError(where, value)
  const whole = ms > 0 && ms < 1 ? 1 : Math.round(ms)
  if (typeof value === 'string' && parsed.size < MAX_PARSED) parsed.set(value, whole)
  return whole
}

/** Texts that were read before: every read of a cache comes with one. */
const parsed = new Map<unknown, number>()
const MAX_PARSED = 100

function millisecondsOf(value: unknown): number | undefined {
  if (typeof value === 'number') return value
  if (typeof value !== 'string') return undefined
  const [, amount, unit] = TEXT.exec(value) ?? []
  return isUnit(unit) ? Number(amount) * UNIT_MS[unit] : undefined
}

function isUnit(text: string | undefined): text is keyof typeof UNIT_MS {
  return text !== undefined && Object.hasOwn(UNIT_MS, text)
}
