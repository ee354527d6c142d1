import type { SweepCause, SweepEvent } from '../core/sweeper-events'
import { type Cause, type Frame, labelOf } from './frame'

/** What is told of a sweep: every record once, and why. */
export function sweepEventOf(
  frame: Frame,
  outcome: Pick<SweepEvent, 'durationMs' | 'delivered'>,
): SweepEvent {
  const changed = [...frame.changed.values()]
  const reached = [...frame.reached.values()]
  return {
    records: [...new Set([...changed, ...reached].map((record) => labelOf(record)))],
    types: [...frame.types.keys()].map(({ name }) => name),
    causes: [
      ...changed.map((record) => ({
        record: labelOf(record),
        operation: record.operation,
        path: [],
        relations: [],
      })),
      ...reached.map(({ cause, ...record }) => ({ record: labelOf(record), ...wayOf(cause) })),
    ],
    ...outcome,
  }
}

/** What was done, and the way from there, for people. */
export function wayOf({ operation, steps }: Cause): Omit<SweepCause, 'record'> {
  return {
    operation,
    path: steps.map(({ from }) => labelOf(from)),
    relations: steps.map(({ relation }) => relation),
  }
}
