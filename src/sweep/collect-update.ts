import {
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
  const { statement, type, frame, inTransaction } = watched
  if (setsPrimaryKey(watched)) {
    noteWholeType(parts, frame, type, 'an UPDATE sets primary keys')
    return () => Promise.resolve()
  }
  const moves = movesLinks(parts, watched)
  if (moves) frame.movesLinks = true
  const returned =
    parts.database.returnsRows && !statement.returnsToEntities
      ? returnedRows(statement, type, parts.parents.foreignKeysOf(type))
      : undefined
  return returned !== undefined && inTransaction && !moves
    ? byReturnedRows(parts, watched, returned)
    : byLookingFirst(parts, watched, returned)
}

type ReturnedRows = ReturnType<typeof returnedRows>

function byReturnedRows(
  parts: CollectingParts,
  watched: Watched,
  returned: ReturnedRows,
): AfterStatement {
  const { statement, type, frame } = watched
  return async (result) => {
    const rows = returned(result)
    if (rows === undefined)
      noteWholeType(parts, frame, type, 'the rows it changed were not returned')
    else await noteRows(parts, watched, rows, OPERATIONS[statement.kind])
  }
}

async function byLookingFirst(
  parts: CollectingParts,
  watched: Watched,
  returned: ReturnedRows | undefined,
): Promise<AfterStatement> {
  const { statement, type, frame, runner, inTransaction } = watched
  const operation = OPERATIONS[statement.kind]
  const links = parts.parents.foreignKeysOf(type)
  const before = await parts.rows.rowsFor(runner, type, links, statement, {
    limit: parts.maxFanOut + 1,
    lock: inTransaction ? parts.database.lock : undefined,
  })
  if (before.length > parts.maxFanOut) {
    noteWholeType(parts, frame, type, `more than ${parts.maxFanOut} rows in one statement`)
    return async (result) => void returned?.(result)
  }
  const records = await noteRows(parts, watched, before, operation)
  return async (result) => {
    const after = returned?.(result)
    const written = after?.length ?? result.affected ?? records.length
    // Rows that came into the WHERE between our look and the statement: their old parents are unknown.
    if (written > records.length)
      noteWholeType(parts, frame, type, 'it changed more rows than were there before it')
    if (after !== undefined) await noteRows(parts, watched, after, operation)
    else if (links.length > 0) {
      const ids = records.map(({ id }) => id)
      noteParents(parts, frame, records, await parts.parents.ofRecords(runner, type, ids))
    }
  }
}
