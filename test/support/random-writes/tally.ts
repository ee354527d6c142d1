import type { Verdict } from './check-unit'
import type { Expected } from './expected'
import type { UnitOutcome } from './run-unit'
import type { UnitPlan } from './units-of-work'

export interface SeenUnit {
  readonly unit: number
  readonly plan: UnitPlan
  readonly outcome: UnitOutcome
  readonly expected: Expected
  readonly verdict: Verdict
}

interface Count {
  units: number
  changing: number
  wholeType: number
  oversweeping: number
  /** Of those: the ones in which only rows were swept that were written with the values they had. */
  rewriting: number
  failing: number
}

/** What a run of random units has shown. */
export class Tally {
  readonly failures: string[] = []
  readonly oversweeps: string[] = []
  /** How often marks that parallel transactions had left behind had to be waited for. */
  waits = 0
  /** How many of the reads were answered by the cache. */
  readonly hits = { objects: 0, queries: 0 }
  readonly errors = new Map<string, number>()
  readonly #seed: number
  readonly #counts = new Map<string, Count>()

  constructor(seed: number) {
    this.#seed = seed
  }

  add({ unit, plan, outcome, expected, verdict }: SeenUnit, text: string): void {
    const count = this.#countOf(plan.shape === 'single' ? plan.operation.kind : `(${plan.shape})`)
    count.units++
    if (outcome.errors.length > 0) count.failing++
    if (expected.changed.size > 0) count.changing++
    if (verdict.types.length > 0) count.wholeType++
    else if (verdict.oversweep.length > 0) {
      count.oversweeping++
      if (verdict.baseless.length === 0) count.rewriting++
      this.oversweeps.push(`unit ${unit}: ${text}\n  also swept ${verdict.oversweep.join(', ')}`)
    }
    for (const error of outcome.errors) {
      const about = `${text.split(' {')[0] ?? ''}: ${error}`.slice(0, 200)
      this.errors.set(about, (this.errors.get(about) ?? 0) + 1)
    }
    if (verdict.faults.length === 0) return
    const lines = [
      `seed ${this.#seed}, unit ${unit}:`,
      text,
      ...outcome.errors.map((error) => `  error: ${error}`),
      ...verdict.faults.map((fault) => `  ${fault}`),
      ...expected.changes.map((change) => `  ${change}`),
    ]
    this.failures.push(lines.join('\n'))
  }

  get units(): number {
    return this.#sum(({ units }) => units)
  }

  /** Of the units that swept no type as a whole: how many named records that had no need of it. */
  get oversweepingRate(): number {
    return this.#ofExact(({ oversweeping }) => oversweeping)
  }

  /** The same without the units that wrote what was there already, where the database tells of them. */
  get baselessRate(): number {
    return this.#ofExact(({ oversweeping, rewriting }) => oversweeping - rewriting)
  }

  toString(): string {
    const rows = [...this.#counts]
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([kind, { units, changing, wholeType, oversweeping, rewriting, failing }]) =>
        [units, changing, wholeType, oversweeping, rewriting, failing]
          .map((n) => String(n).padStart(6))
          .concat(`  ${kind}`)
          .join(''),
      )
    return [
      ' units  wrote  types   over   same errors',
      ...rows,
      `${this.units} units, ${(this.oversweepingRate * 100).toFixed(1)} % of the exact ones swept more than they had to, ${(this.baselessRate * 100).toFixed(1)} % more than was written; marks were left behind ${this.waits} times; ${this.hits.objects} objects and ${this.hits.queries} queries came from the cache`,
    ].join('\n')
  }

  #countOf(kind: string): Count {
    const known = this.#counts.get(kind)
    if (known !== undefined) return known
    const fresh = { units: 0, changing: 0, wholeType: 0, oversweeping: 0, rewriting: 0, failing: 0 }
    this.#counts.set(kind, fresh)
    return fresh
  }

  #ofExact(of: (count: Count) => number): number {
    const exact = this.units - this.#sum(({ wholeType }) => wholeType)
    return exact === 0 ? 0 : this.#sum(of) / exact
  }

  #sum(of: (count: Count) => number): number {
    return [...this.#counts.values()].reduce((sum, count) => sum + of(count), 0)
  }
}
