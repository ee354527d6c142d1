import type { Events } from '../core/events'
import type { SweeperEvents } from '../core/sweeper-events'
import type { EntityGraph } from '../model/entity-graph'
import type { EntityType } from '../model/entity-type'
import { typesUpdatedAlong, withDeletedAlong } from './changed-along'
import type { CollectingParts } from './collecting'
import type { Frame } from './frame'
import type { UnitOfWork } from './unit-of-work'
import type { WriteStatement } from './write-statement'

/** Why rows are not read once their transaction is over, where there are tenants: `SET LOCAL search_path` went with it. */
export const OTHER_PATH = 'after COMMIT its rows may be those of another tenant'

/** The types whose rows a statement may change, by itself or by what the database does along. */
export function typesWrittenBy(
  graph: EntityGraph,
  statement: WriteStatement,
): readonly EntityType[] {
  const { kind, metadata } = statement
  const junction = graph.junctionOf(metadata)
  if (junction !== undefined) return junction.ends.map(({ type }) => type)
  const type = graph.typeOf(metadata)
  if (type === undefined) return []
  if (kind === 'delete') return withDeletedAlong(graph, [type])
  if (kind === 'insert') return [type]
  return [type, ...typesUpdatedAlong(graph, type, (column) => statement.sets(column))]
}

/**
 * Notes what a statement writes beside the rows that can be named from here, by type and for all tenants: everything
 * where it is not known whose rows they are, or where the transaction has named another tenant's before.
 *
 * @returns whether there are rows that can be named
 */
export function noteUnnamed(
  { graph, keyspace }: CollectingParts,
  unit: UnitOfWork,
  statement: WriteStatement,
  frame: Frame,
): boolean {
  const type = graph.typeOf(statement.metadata)
  const isShared = type !== undefined && keyspace.isShared(type.key)
  if (!isShared && unit.names(keyspace.tenant)) return true
  // Of everyone's rows those can be named; what the database changes along may be of any tenant.
  for (const other of typesWrittenBy(graph, statement))
    if (!isShared || other !== type) frame.addType(other, 'everywhere')
  return isShared
}

/** Sweeps the types of what a frame names, and tells why. */
export function giveUpNaming(events: Events<SweeperEvents>, frame: Frame, reason: string): void {
  const types = new Set<EntityType>()
  for (const { type } of frame.changed.values()) types.add(type)
  for (const { type } of frame.reached.values()) types.add(type)
  for (const type of types) {
    frame.addType(type, 'with-ancestors')
    events.emit('type-sweep', () => ({ type: type.name, reason }))
  }
}
