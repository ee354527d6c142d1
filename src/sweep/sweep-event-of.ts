import type { Keyspace } from '../core/keyspace'
import type { SweepCause, SweepEvent } from '../core/sweeper-events'
import { type Cause, type Frame, labelOf } from './frame'
import { isEverywhere, type FrameSweepsParts } from './frame-sweeps'

/** What is told of a sweep: every record once, and why. */
export function sweepEventOf(
  { graph, keyspace }: FrameSweepsParts,
  frame: Frame,
  outcome: Pick<SweepEvent, 'durationMs' | 'delivered'>,
): SweepEvent {
  const changed = [...frame.changed.values()]
  const reached = [...frame.reached.values()]
  return {
    records: [...new Set([...changed, ...reached].map((record) => labelOf(keyspace, record)))],
    types: [...frame.types].map(([type, scope]) =>
      isEverywhere(keyspace, graph.ancestorTypes([type]), scope)
        ? type.name
        : keyspace.labelOf(type),
    ),
    causes: [
      ...changed.map((record) => ({
        record: labelOf(keyspace, record),
        operation: record.operation,
        path: [],
        relations: [],
      })),
      ...reached.map(({ cause, ...record }) => ({
        record: labelOf(keyspace, record),
        ...wayOf(keyspace, cause),
      })),
    ],
    ...outcome,
  }
}

/** What was done, and the way from there, for people. */
export function wayOf(keyspace: Keyspace, { operation, steps }: Cause): Omit<SweepCause, 'record'> {
  return {
    operation,
    path: steps.map(({ from }) => labelOf(keyspace, from)),
    relations: steps.map(({ relation }) => relation),
  }
}
