import type { OnSubject } from '../index'
import { wereLeftAlone, wereSwept, wereSweptExactly } from './verdict'

/** What Jest and Vitest expect of a matcher. */
export interface MatcherResult {
  readonly pass: boolean
  /** What was expected, and what was swept instead. */
  readonly message: () => string
}

interface MatcherContext {
  readonly isNot?: boolean | undefined
}

/** What `expect(...)` has after `expect.extend(sweepMatchers)`; for the declarations of Jest and Vitest. */
export interface SweepMatchers<R = unknown> {
  /** Every one of these was swept; with `not`, none of them. A record counts as swept with its whole type. */
  toHaveSwept(...subjects: readonly OnSubject[]): R
  /** These were swept, and nothing else. Without arguments: nothing was. */
  toHaveSweptExactly(...subjects: readonly OnSubject[]): R
}

/**
 * Matchers for Jest and Vitest.
 *
 * @example
 * expect.extend(sweepMatchers)
 * expect(sweeps).toHaveSwept(comment, article)
 */
export const sweepMatchers = {
  /** Every one of these was swept; with `not`, none of them. */
  toHaveSwept(this: MatcherContext, received: unknown, ...subjects: OnSubject[]): MatcherResult {
    const negated = this.isNot === true
    const { pass, message } = (negated ? wereLeftAlone : wereSwept)(received, subjects)
    // With `not` the caller fails when `pass` is true.
    return { pass: pass !== negated, message: () => message }
  },

  /** These were swept, and nothing else. */
  toHaveSweptExactly(
    this: MatcherContext,
    received: unknown,
    ...subjects: OnSubject[]
  ): MatcherResult {
    const { pass, message } = wereSweptExactly(received, subjects)
    return { pass, message: () => message }
  },
}
