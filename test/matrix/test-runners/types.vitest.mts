import { expect } from 'vitest'
import type { Sweeper } from '../../../src/index'
import { recordSweeps, sweepMatchers, type SweepMatchers } from '../../../src/testing'

declare module 'vitest' {
  interface Matchers<T> extends SweepMatchers<T> {}
}

/** Compiles: Vitest knows the matchers. */
export function typedInVitest(sweeper: Sweeper, article: object): void {
  expect.extend(sweepMatchers)
  const sweeps = recordSweeps(sweeper)
  expect(sweeps).toHaveSwept(article)
  expect(sweeps).not.toHaveSweptExactly(article)
  // @ts-expect-error text is no subject
  expect(sweeps).toHaveSwept('article')
}
