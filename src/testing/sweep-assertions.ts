import type { OnSubject } from '../index'
import { wereLeftAlone, wereSwept, wereSweptExactly } from './verdict'

declare global {
  // Where @types/chai keeps its assertions.
  // oxlint-disable-next-line typescript/no-namespace
  namespace Chai {
    interface Assertion {
      /** Every one of these was swept; with `not`, none of them. A record counts as swept with its whole type. */
      swept(...subjects: readonly OnSubject[]): void
      /** These were swept, and nothing else. Without arguments: nothing was. */
      sweptExactly(...subjects: readonly OnSubject[]): void
    }
  }
}

/** As much of Chai as is needed: 4, 5, 6, and what Vitest has built in. */
export interface ChaiLike {
  readonly Assertion: {
    addMethod(
      name: string,
      method: (this: AssertionLike, ...subjects: OnSubject[]) => void,
    ): unknown
  }
  readonly util: { flag(assertion: AssertionLike, name: 'object' | 'negate'): unknown }
}

interface AssertionLike {
  assert(expression: boolean, message: string, negatedMessage: string): void
}

/**
 * A Chai plugin: `swept(...)`, `not.swept(...)` and `sweptExactly(...)` about a recording.
 *
 * @example
 * chai.use(sweepAssertions)
 * expect(sweeps).to.have.swept(comment, article)
 */
export function sweepAssertions(chai: ChaiLike, utils: ChaiLike['util'] = chai.util): void {
  chai.Assertion.addMethod('swept', function swept(...subjects) {
    const negated = utils.flag(this, 'negate') === true
    const judge = negated ? wereLeftAlone : wereSwept
    const { pass, message } = judge(utils.flag(this, 'object'), subjects)
    // Chai fails a negated assertion when its expression is true.
    this.assert(pass !== negated, message, message)
  })
  chai.Assertion.addMethod('sweptExactly', function sweptExactly(...subjects) {
    const { pass, message } = wereSweptExactly(utils.flag(this, 'object'), subjects)
    this.assert(pass, message, message)
  })
}
