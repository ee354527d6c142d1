import type { Checking } from './checking'
import type { FaultLog } from './fault-log'
import type { Judge, Violation } from './judge'
import type { Report } from './messages'

export interface RunReport {
  readonly seconds: number
  readonly foundAfterSeconds: number | undefined
  readonly judge: Judge
  readonly checking: Checking
  readonly faults: FaultLog
  /** What each application found when all was well again. */
  readonly looked: readonly (Report & { kind: 'looked' })[]
}

const PRINTED = 5

/** All is as promised. */
export function isRight({ judge, looked }: RunReport): boolean {
  return judge.violations.length === 0 && looked.every(hasRecovered)
}

/** Most of what is read is kept again. */
export function hasRecovered({ hits, misses }: { hits: number; misses: number }): boolean {
  return hits > misses
}

/** Operations, faults and violations, in words. */
export function describeRun(report: RunReport): string {
  const { judge, checking, faults, looked, seconds } = report
  const { violations, bounded, behindMoves, excusedBackwards } = judge
  const writes = [...checking.writes].map(([outcome, count]) => `${count} ${outcome}`).join(', ')
  const heap = looked.map(({ heapBytes }) => Math.round(heapBytes / 1e6)).join(', ')
  const kept = looked.map(({ hits, misses }) => `${hits} of ${hits + misses}`).join(', ')
  return [
    `${seconds.toFixed(0)} s: ${judge.checked} reads checked; writes: ${writes}; slowest ${checking.slowestWriteMs.toFixed(0)} ms`,
    ...table('reads', checking.readings),
    `${faults.spans.length} faults, each seen to have its effect`,
    ...table('faults', faults.byKind()),
    ...table('writes that failed', checking.failures),
    `of undelivered sweeps: ${bounded.reads} reads of the older state, the oldest ${bounded.longestMs.toFixed(0)} ms after`,
    `of delivered ones, behind a move that was not: ${behindMoves.reads} reads, the oldest ${behindMoves.longestMs.toFixed(0)} ms after`,
    `lost with the process that had not delivered it, and old at the end: ${judge.lost} reads`,
    `readers gone back after the store had lost marks, or without marks: ${excusedBackwards}`,
    `when all was well again: hits ${kept}; heap in MB ${heap}`,
    `${violations.length} violations`,
    ...table(
      'violations',
      countedBy(violations, ({ kind, read }) => `${kind}, by ${read.reading}`),
    ),
    ...violations.slice(0, PRINTED).map((violation) => describe(violation, report)),
  ].join('\n')
}

function countedBy<T>(all: readonly T[], name: (one: T) => string): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (const one of all) counts.set(name(one), (counts.get(name(one)) ?? 0) + 1)
  return counts
}

function table(title: string, counts: ReadonlyMap<string, number>): string[] {
  const sorted = [...counts].toSorted(([, a], [, b]) => b - a)
  return sorted.slice(0, 20).map(([name, count]) => `  ${title}: ${count} ${name}`)
}

function describe(violation: Violation, { judge, faults }: RunReport): string {
  const { kind, read, register, seen, expected, sinceMs } = violation
  const at = (ms: number): string => `${(ms - read.startMs).toFixed(1)} ms`
  const { states } = judge.registers.of(register)
  const history = [...states.values()]
    .filter(({ n }) => n >= Math.min(seen || expected, expected) - 1)
    .slice(0, 12)
    .map(
      ({ n, by, lists }) =>
        `    ${register} = ${n}, by ${by}, ${judge.outcomes.get(by) ?? 'of unknown outcome'} at ${at(judge.acknowledgedAtMs.get(by) ?? Infinity)}, in ${lists.join(' ')}`,
    )
  return [
    `  ${kind}: ${read.reader} by ${read.reading} saw ${register} = ${seen} and not ${expected}, outdated for ${sinceMs.toFixed(1)} ms; the read took ${at(read.endMs)}`,
    ...history,
    ...faults
      .around(read.startMs)
      .map(({ name, startMs, endMs }) => `    fault ${name} from ${at(startMs)} to ${at(endMs)}`),
  ].join('\n')
}
