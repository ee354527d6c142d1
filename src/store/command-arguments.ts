import { InvalidOptionError, quoted } from '../core/errors'
import type { Owner } from './token-text'

const OWNER = /^[\w-]+$/

/** Beyond this a life is for ever: three thousand years, and what Redis takes as an expiry. */
const FOR_EVER_MS = 1e14

/** The last moment a Date can name. */
const LAST_MS = 8.64e15

/** A life as stores keep it: whole milliseconds from 1, or `Infinity`. */
export function wholeLife(lifeMs: number): number {
  return lifeMs > FOR_EVER_MS ? Infinity : Math.max(1, Math.ceil(lifeMs))
}

/**
 * An owner as stores keep it: whole milliseconds, rounded up.
 *
 * @throws {InvalidOptionError} SWEEPER_INVALID_OPTION for a name or deadline that the token's text could not carry
 */
export function checkedOwner(name: string, deadlineMs: number): Owner {
  if (!OWNER.test(name))
    throw new InvalidOptionError(
      `mark: owner ${quoted(name)} is not valid; use letters, digits, "_" and "-"`,
    )
  if (!(deadlineMs >= 0))
    throw new InvalidOptionError(
      `mark: deadline ${quoted(deadlineMs)} is not valid; give milliseconds of the store's clock`,
    )
  return { name, deadlineMs: Math.min(Math.ceil(deadlineMs), LAST_MS) }
}
