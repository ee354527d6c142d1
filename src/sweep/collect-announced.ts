import { idFromEntity } from '../model/record-id'
import {
  changedBy,
  movesLinks,
  noteParents,
  OPERATIONS,
  type CollectingParts,
  type Watched,
} from './collecting'
import { Frame } from './frame'
import type { UnitOfWork } from './unit-of-work'

/** Whether a statement writes rows that a running `save()` has announced through its hooks. */
export function isAnnounced(
  { parents }: CollectingParts,
  unit: UnitOfWork,
  { statement, type }: Watched,
): boolean {
  const entities = statement.whereEntities
  return (
    entities.length > 0 &&
    entities.every((entity) => {
      const id = idFromEntity(type, entity)
      return id !== undefined && unit.announced.has(parents.record(type, id).key)
    })
  )
}

/** The rows of such a statement. */
export function announcedBy(parts: CollectingParts, { statement, type }: Watched): Frame {
  const frame = new Frame()
  for (const entity of statement.whereEntities) {
    const id = idFromEntity(type, entity)
    if (id !== undefined) frame.addChanged(changedBy(parts, type, id, OPERATIONS[statement.kind]))
  }
  return frame
}

/**
 * One row of a `save()`: its hooks look at all rows of the stage together. Only a foreign key that is set without
 * the hooks having known it (children moved through an array of their new parent) needs the old parent here.
 *
 * Extra queries: none, 1 for such a row.
 */
export async function collectAnnounced(
  parts: CollectingParts,
  unit: UnitOfWork,
  watched: Watched,
): Promise<void> {
  const { statement, type, frame, runner } = watched
  if (!movesLinks(parts, watched)) return
  frame.movesLinks = true
  const ids = statement.whereEntities.flatMap((entity) => idFromEntity(type, entity) ?? [])
  const unknown = ids.filter((id) => {
    const announced = unit.announced.get(parts.parents.record(type, id).key)
    return announced?.oldParentsKnown !== true
  })
  if (unknown.length === 0) return
  const links = parts.parents.foreignKeysOf(type)
  const rows = await parts.rows.rowsOf(runner, type, links, unknown, parts.database.lock)
  const records = unknown.map((id) => changedBy(parts, type, id, OPERATIONS[statement.kind]))
  noteParents(parts, frame, records, await parts.parents.ofRows(runner, type, rows))
}
