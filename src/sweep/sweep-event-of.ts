import type { SweepEvent } from '../core/sweeper-events'
import { type Frame, labelOf } from './frame'

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
      })),
      ...reached.map(({ cause, ...record }) => ({ ...cause, record: labelOf(record) })),
    ],
    ...outcome,
  }
}
