import { InvalidOptionError, quoted } from '../core/errors'
import type { Owner } from './token-text'

const OWNER = /^[\w-]+$/

/** Beyond this a life is for ever: three thousand years, and what Redis takes as an expiry. */
const FOR_EVER_MS = 1e14

/** A life as stores keep it: whole milliseconds from 1, or `Infinity`. */
export function wholeLife(lifeMs: number): number {
  return lifeMs > FOR_EVER_MS ? Infinity : Math.max(1, Math.ceil(lifeMs))
}

/**
 * The name of an owner, as a token's text can carry it.
 *
 * @throws {InvalidOptionError} SWEEPER_INVALID_OPTION
 */
export function checkedOwner(name: string): string {
  if (OWNER.test(name)) return name
  throw new InvalidOptionError(
    `mark: owner ${quoted(name)} is not valid; use letters, digits, "_" and "-"`,
  )
}

/**
 * How long a mark lasts, in whole milliseconds, rounded up.
 *
 * @throws {InvalidOptionError} SWEEPER_INVALID_OPTION
 */
export function checkedDuration(lastsMs: number): number {
  if (lastsMs > 0 && lastsMs <= FOR_EVER_MS) return Math.ceil(lastsMs)
  throw new InvalidOptionError(
    `mark: ${quoted(lastsMs)} is no time to last; give milliseconds above 0`,
  )
}

/**
 * A mark's owner, as the transitions of `token-machine.ts` take one.
 *
 * @param nowMs on the store's clock
 * @throws {InvalidOptionError} SWEEPER_INVALID_OPTION for a name that a token's text cannot carry, or no time to last
 */
export function markOwner(name: string, lastsMs: number, nowMs: number): Owner {
  return { name: checkedOwner(name), deadlineMs: nowMs + checkedDuration(lastsMs) }
}
