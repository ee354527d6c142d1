import { labelOf, type Frame } from './frame'
import { keysOfType, sweepsOf, type FrameSweepsParts } from './frame-sweeps'
import type { Move } from './move-log'
import { wayOf } from './sweep-event-of'

/** Every token that a frame moves, with the write that is behind it. */
export function movesOf(parts: FrameSweepsParts, frame: Frame): readonly Move[] {
  const causes = causesIn(parts, frame)
  // What has none of its own, a list, was moved by what was written with it.
  const [any = { record: 'unknown', operation: 'unknown', path: [], relations: [] }] =
    causes.values()
  return sweepsOf(parts, frame).map(({ key, row }) => ({ key, row, cause: causes.get(key) ?? any }))
}

function causesIn(parts: FrameSweepsParts, frame: Frame): ReadonlyMap<string, Move['cause']> {
  const { keyspace } = parts
  const causes = new Map<string, Move['cause']>()
  const add = (keys: readonly string[], cause: Move['cause']): void => {
    for (const key of keys) if (!causes.has(key)) causes.set(key, cause)
  }
  for (const record of frame.changed.values()) {
    const { key, type, operation } = record
    add([key, keyspace.collection(type.key)], {
      record: labelOf(keyspace, record),
      operation,
      path: [],
      relations: [],
    })
  }
  for (const { cause, ...record } of frame.reached.values()) {
    const way = wayOf(keyspace, cause)
    const written = way.path[0] ?? labelOf(keyspace, record)
    add([record.key, keyspace.collection(record.type.key)], { record: written, ...way })
  }
  for (const [type, scope] of frame.types) {
    const cause = { record: type.name, operation: 'whole type', path: [], relations: [] }
    add(keysOfType(parts, type, scope), cause)
  }
  return causes
}
