import type { EntityType } from '../model/entity-type'
import type { Link } from '../model/link'
import { idFromRow } from '../model/record-id'
import type { LinkedRow } from './row-reader'
import type { WriteResult, WriteStatement } from './write-statement'

type RawRow = Record<string, unknown>

/**
 * Has a statement return the keys and foreign keys of the rows it writes, through the columns that TypeORM
 * itself adds for `save()` (`expressionMap.extraReturningColumns`, typeorm 0.3.20 to 1.1.1).
 *
 * The function that comes back reads them off the result, and takes them out of it again:
 * the caller of `execute()` sees what he would have seen without us.
 */
export function returnedRows(
  statement: WriteStatement,
  type: EntityType,
  links: readonly Link[],
): (result: WriteResult) => readonly LinkedRow[] | undefined {
  const wanted = [...type.idColumns, ...links.flatMap(({ columns }) => columns)]
  const ofCaller = statement.returnedColumns
  const forCaller = new Set(ofCaller?.map(({ databaseName }) => databaseName))
  const isOurs = !statement.returnsToEntities
  if (isOurs) statement.alsoReturn(wanted)
  return (result) => {
    if (!Array.isArray(result.raw)) return undefined
    const raw: readonly RawRow[] = result.raw
    const complete = raw.every((row) => wanted.every(({ databaseName }) => databaseName in row))
    const rows = complete ? raw.map((row) => linkedRow(row, type, links)) : undefined
    if (ofCaller === undefined || !isOurs) return rows
    if (ofCaller.length === 0) result.raw = []
    else
      for (const row of raw)
        for (const { databaseName } of wanted)
          if (!forCaller.has(databaseName)) delete row[databaseName]
    return rows
  }
}

function linkedRow(row: RawRow, type: EntityType, links: readonly Link[]): LinkedRow {
  return {
    id: idFromRow(
      type,
      type.idColumns.map(({ databaseName }) => row[databaseName]),
    ),
    foreignKeys: new Map(
      links.map((link) => [link, link.columns.map(({ databaseName }) => row[databaseName])]),
    ),
  }
}
