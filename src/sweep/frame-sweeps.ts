import type { Keyspace } from '../core/keyspace'
import type { EntityGraph } from '../model/entity-graph'
import type { TokenSweep } from '../store/store'
import type { Frame, TypedRecord } from './frame'

export interface FrameSweepsParts {
  readonly graph: EntityGraph
  readonly keyspace: Keyspace
}

/** Every token that a frame moves, once; the row half only of what was itself written. */
export function sweepsOf(
  { graph, keyspace }: FrameSweepsParts,
  frame: Frame,
): readonly TokenSweep[] {
  const rows = new Map<string, boolean>()
  const add = (key: string, row: boolean): unknown => rows.set(key, row || (rows.get(key) ?? false))
  for (const { key, type, row } of frame.changed.values()) {
    add(key, row)
    add(keyspace.collection(type.key), row)
  }
  for (const key of keysOfReached(keyspace, frame.reached.values())) add(key, false)
  for (const list of frame.lists) add(list, true)
  for (const [type, scope] of frame.types) {
    const types = scope === 'own' ? [type] : graph.ancestorTypes([type])
    for (const { key } of types) add(keyspace.type(key), true)
  }
  return [...rows].map(([key, row]) => ({ key, row }))
}

/** The tokens of records that a cascade has reached. */
export function keysOfReached(
  keyspace: Keyspace,
  records: Iterable<TypedRecord>,
): readonly string[] {
  const keys = new Set<string>()
  for (const { key, type } of records) keys.add(key).add(keyspace.collection(type.key))
  return [...keys]
}

export function keysOf(sweeps: readonly TokenSweep[]): readonly string[] {
  return sweeps.map(({ key }) => key)
}
