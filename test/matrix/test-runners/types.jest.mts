import type { Sweeper } from '../../../src/index'
import { recordSweeps, sweepMatchers, type SweepMatchers } from '../../../src/testing'

declare global {
  // oxlint-disable-next-line typescript/no-namespace -- @types/jest has one
  namespace jest {
    interface Matchers<R> extends SweepMatchers<R> {}
  }
}

/** Compiles: the globals of Jest know the matchers. */
export function typedInJest(sweeper: Sweeper, article: object): void {
  expect.extend(sweepMatchers)
  const sweeps = recordSweeps(sweeper)
  expect(sweeps).toHaveSwept(article)
  expect(sweeps).not.toHaveSweptExactly(article)
  // @ts-expect-error text is no subject
  expect(sweeps).toHaveSwept('article')
}
