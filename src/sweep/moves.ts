import { type Cause, labelOf, type Frame } from './frame'
import { sweepsOf, type FrameSweepsParts } from './frame-sweeps'
import type { Move } from './move-log'

/** Every token that a frame moves, with the write that is behind it. */
export function movesOf(parts: FrameSweepsParts, frame: Frame): readonly Move[] {
  const causes = causesIn(parts, frame)
  // What has none of its own, a list, was moved by what was written with it.
  const [any = { record: 'unknown', operation: 'unknown', path: [] }] = causes.values()
  return sweepsOf(parts, frame).map(({ key, row }) => ({ key, row, cause: causes.get(key) ?? any }))
}

function causesIn(
  { graph, keyspace }: FrameSweepsParts,
  frame: Frame,
): ReadonlyMap<string, Move['cause']> {
  const causes = new Map<string, Move['cause']>()
  const add = (keys: readonly string[], cause: Move['cause']): void => {
    for (const key of keys) if (!causes.has(key)) causes.set(key, cause)
  }
  for (const record of frame.changed.values()) {
    const { key, type, operation } = record
    add([key, keyspace.collection(type.key)], { record: labelOf(record), operation, path: [] })
  }
  for (const { key, type, cause } of frame.reached.values())
    add([key, keyspace.collection(type.key)], { ...cause, record: namedIn(frame, cause) })
  for (const [type, scope] of frame.types) {
    const types = scope === 'own' ? [type] : graph.ancestorTypes([type])
    const keys = types.map((one) => keyspace.type(one.key))
    add(keys, { record: type.name, operation: 'whole type', path: [] })
  }
  return causes
}

/** The parents of an inserted row are found before its key is known; where only one was inserted it is that one. */
function namedIn(frame: Frame, { record, operation }: Cause): string {
  if (operation !== 'insert' || !record.endsWith(':(new)')) return record
  const type = record.slice(0, record.lastIndexOf(':'))
  const inserted = [...frame.changed.values()].filter(
    (other) => other.operation === 'insert' && other.type.name === type,
  )
  const [only] = inserted
  return only === undefined || inserted.length > 1 ? record : labelOf(only)
}
