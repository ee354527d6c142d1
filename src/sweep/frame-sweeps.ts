import type { Keyspace } from '../core/keyspace'
import type { EntityGraph } from '../model/entity-graph'
import type { EntityType } from '../model/entity-type'
import type { TokenSweep } from '../store/store'
import type { Frame, TypedRecord, TypeScope } from './frame'

export interface FrameSweepsParts {
  readonly graph: EntityGraph
  readonly keyspace: Keyspace
}

/** Every token that a frame moves, once; the row half only of what was itself written. */
export function sweepsOf(parts: FrameSweepsParts, frame: Frame): readonly TokenSweep[] {
  const { keyspace } = parts
  const rows = new Map<string, boolean>()
  const add = (key: string, row: boolean): unknown => rows.set(key, row || (rows.get(key) ?? false))
  for (const { key, type, row } of frame.changed.values()) {
    add(key, row)
    add(keyspace.collection(type.key), row)
  }
  for (const key of keysOfReached(keyspace, frame.reached.values())) add(key, false)
  for (const list of frame.lists) add(list, true)
  for (const [type, scope] of frame.types)
    for (const key of keysOfType(parts, type, scope)) add(key, true)
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

/** The tokens of a type that is swept as a whole, and of what belongs to it. */
export function keysOfType(
  { graph, keyspace }: FrameSweepsParts,
  type: EntityType,
  scope: TypeScope,
): readonly string[] {
  const types = scope === 'own' ? [type] : graph.ancestorTypes([type])
  return keysOfTypes(keyspace, types, isEverywhere(keyspace, types, scope))
}

export function keysOfTypes(
  keyspace: Keyspace,
  types: readonly EntityType[],
  everywhere: boolean,
): readonly string[] {
  return types.map(({ key }) => (everywhere ? keyspace.everyones(key) : keyspace.type(key)))
}

/** What belongs to a table that all tenants share is swept for all of them; so is what nobody can tell the tenant of. */
export function isEverywhere(
  keyspace: Keyspace,
  types: readonly EntityType[],
  scope: TypeScope,
): boolean {
  if (scope === 'everywhere' || keyspace.tenant === null) return true
  return types.some(({ key }) => keyspace.isShared(key))
}
