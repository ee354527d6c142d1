import { withDeletedAlong } from './changed-along'
import { notePairsOf } from './collect-junction'
import {
  noteRows,
  noteWholeType,
  type AfterStatement,
  type CollectingParts,
  type Watched,
} from './collecting'
import { noteDatabaseCascades } from './database-cascades'
import { returnedRows } from './returned-rows'

/**
 * DELETE.
 *
 * Extra queries: none in a transaction where the database returns rows and nothing points at them;
 * else 1 before, and those of what the database deletes or clears along with them.
 */
export async function collectDelete(
  parts: CollectingParts,
  watched: Watched,
): Promise<AfterStatement> {
  const { statement, type, frame, runner, inTransaction } = watched
  const links = parts.parents.foreignKeysOf(type)
  const returned = parts.database.returnsRows ? returnedRows(statement, type, links) : undefined
  if (returned !== undefined && inTransaction && !parts.graph.isPointedAt(type)) {
    return async (result) => {
      const rows = returned(result)
      if (rows === undefined)
        noteWholeType(parts, frame, type, 'the rows it deleted were not returned')
      else await noteRows(parts, watched, rows, 'remove')
    }
  }
  const before = await parts.rows.rowsFor(runner, type, links, statement, {
    limit: parts.maxFanOut + 1,
    lock: inTransaction ? parts.database.lock : undefined,
  })
  if (before.length > parts.maxFanOut) {
    const reason = `more than ${parts.maxFanOut} rows of ${type.name} in one statement`
    for (const one of withDeletedAlong(parts.graph, [type]))
      noteWholeType(parts, frame, one, reason)
  } else {
    await noteRows(parts, watched, before, 'remove')
    const ids = before.map(({ id }) => id)
    await notePairsOf(parts, watched, type, ids)
    await noteDatabaseCascades(parts, watched, type, ids)
  }
  return async (result) => {
    const after = returned?.(result)
    if (after !== undefined) await noteRows(parts, watched, after, 'remove')
    const written = after?.length ?? result.affected ?? before.length
    if (before.length <= parts.maxFanOut && written > before.length)
      for (const one of withDeletedAlong(parts.graph, [type]))
        noteWholeType(parts, frame, one, 'it deleted more rows than were there before it')
  }
}
