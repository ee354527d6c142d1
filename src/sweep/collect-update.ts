import {
  changedBy,
  OPERATIONS,
  movesLinks,
  noteParents,
  noteRows,
  noteWholeType,
  setsPrimaryKey,
  type AfterStatement,
  type CollectingParts,
  type Watched,
} from './collecting'
import type { Operation } from './frame'
import { returnedRows } from './returned-rows'

/**
 * UPDATE, soft delete and restore.
 *
 * What a row belongs to is read *after* the statement, when the transaction holds the row: until COMMIT nobody
 * else can move it. Its old parents are needed only if the statement sets a foreign key; they are read before,
 * locked the way the UPDATE itself locks.
 *
 * Extra queries: none where the database returns rows and no foreign key is set; else 1 before, and 1 after
 * for types with links.
 */
export async function collectUpdate(
  parts: CollectingParts,
  watched: Watched,
): Promise<AfterStatement> {
  const { statement, type, frame, runner, inTransaction } = watched
  const operation = OPERATIONS[statement.kind]
  const links = parts.parents.foreignKeysOf(type)
  if (setsPrimaryKey(watched)) {
    noteWholeType(parts, frame, type, 'an UPDATE sets primary keys')
    return () => Promise.resolve()
  }
  const moves = movesLinks(parts, watched)
  const returning = parts.database.returnsRows && !statement.returnsToEntities
  const stopReturning = returning
    ? returnedRows(statement, type, links)
    : undefined
  if (returning && inTransaction && !moves) {
    return async (result) => {
      const rows = stopReturning?.(result)
      if (rows === undefined) noteWholeType(parts, frame, type, 'the rows it changed were not returned')
      else await noteRows(parts, watched, rows, operation)
    }
  }
  const before = await parts.rows.rowsFor(runner, type, links, statement, {
    limit: parts.maxFanOut + 1,
    lock: inTransaction ? parts.database.lock : undefined,
  })
  if (before.length > parts.maxFanOut) {
    noteWholeType(parts, frame, type, `more than ${parts.maxFanOut} rows in one statement`)
    return (result) => {
      stopReturning?.(result)
      return Promise.resolve()
    }
  }
  const records = await noteRows(parts, watched, before, operation)
  return async (result) => {
    const after = stopReturning?.(result)
    const written = after?.length ?? result.affected ?? records.length
    if (written > records.length) {
      // Rows that came into the WHERE between our look and the statement: their old parents are unknown.
      noteWholeType(parts, frame, type, 'it changed more rows than were there before it')
    }
    if (links.length === 0) return
    if (after !== undefined) await noteRows(parts, watched, after, operation)
    else {
      const ids = records.map(({ id }) => id)
      noteParents(parts, frame, records, await parts.parents.ofRecords(runner, type, ids))
    }
  }
}

/** The rows of a `save()`, whose keys its hooks have announced: one look for the whole stage. */
export async function noteStage(
  parts: CollectingParts,
  watched: Pick<Watched, 'frame' | 'runner' | 'type'>,
  ids: readonly Parameters<typeof changedBy>[2][],
  operation: Operation,
): Promise<void> {
  const { type, frame, runner } = watched
  const records = ids.map((id) => changedBy(parts, type, id, operation))
  for (const record of records) frame.addChanged(record)
  noteParents(parts, frame, records, await parts.parents.ofRecords(runner, type, ids))
}
