import { expect } from '@jest/globals'
import type { Sweeper } from '../../../src/index'
import { recordSweeps, sweepMatchers, type SweepMatchers } from '../../../src/testing'

declare module 'expect' {
  interface Matchers<R> extends SweepMatchers<R> {}
}

/** Compiles: what is imported from @jest/globals knows the matchers. */
export function typedInJestGlobals(sweeper: Sweeper, article: object): void {
  expect.extend(sweepMatchers)
  const sweeps = recordSweeps(sweeper)
  expect(sweeps).toHaveSwept(article)
  expect(sweeps).not.toHaveSweptExactly(article)
  // @ts-expect-error text is no subject
  expect(sweeps).toHaveSwept('article')
}
