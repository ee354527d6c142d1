import { idFromEntity, parentIdFromEntity, type RecordId } from '../model/record-id'
import {
  changedBy,
  noteChanged,
  noteParents,
  noteRows,
  noteWholeType,
  type AfterStatement,
  type CollectingParts,
  type Watched,
} from './collecting'
import type { ChangedRecord } from './frame'
import type { Hop } from './parents'
import { returnedRows } from './returned-rows'
import type { WriteResult } from './write-statement'

type Column = Watched['type']['idColumns'][number]

/**
 * INSERT, upsert, INSERT or ignore, INSERT ... SELECT.
 *
 * What new rows belong to is read off the values given, before the statement and without a query. Keys that
 * TypeORM reports after it are believed only where they are right (typeorm facts 2.6); an upsert's rows are read
 * by the columns it decides by, before and after. Where neither is possible the whole type is swept.
 *
 * Extra queries: none for a plain INSERT; 2 for an upsert by named columns.
 */
export async function collectInsert(
  parts: CollectingParts,
  watched: Watched,
): Promise<AfterStatement> {
  const { statement, type, frame } = watched
  if (statement.isFromSelect) {
    noteWholeType(parts, frame, type, 'INSERT ... SELECT')
    return () => Promise.resolve()
  }
  const { unknownLinks, standIns } = noteGivenParents(parts, watched)
  if (statement.mayNotInsert) return collectUpsert(parts, watched, standIns)
  const links = parts.parents.foreignKeysOf(type)
  const returned =
    parts.database.returnsRows &&
    (unknownLinks || type.idColumns.some(({ isGenerated }) => isGenerated))
      ? returnedRows(statement, type, unknownLinks ? links : [])
      : undefined
  // Before the statement: TypeORM writes what it takes for the keys into the objects.
  const given = statement.values.map((values) => idFromEntity(type, values))
  return async (result) => {
    const rows = returned?.(result)
    if (rows !== undefined) {
      nameAll(
        standIns,
        rows.map(({ id }) => id),
      )
      await noteRows(parts, watched, rows, 'insert')
      return
    }
    const ids = insertedIds(parts, watched, given, result)
    if (ids === undefined) {
      noteWholeType(parts, frame, type, 'the keys of inserted rows are not known')
      return
    }
    nameAll(standIns, ids)
    const records = ids.map((id) => changedBy(parts, type, id, 'insert'))
    for (const record of records) frame.addChanged(record)
    if (!unknownLinks) return
    noteParents(parts, frame, records, await parts.parents.ofRecords(watched.runner, type, ids))
  }
}

/** A row that has no key yet. */
interface StandIn extends ChangedRecord {
  id: RecordId
}

/** Where as many keys are known as there are rows, they are theirs: what was swept for them is told with their names. */
function nameAll(standIns: readonly StandIn[], ids: readonly RecordId[]): void {
  if (ids.length !== standIns.length) return
  for (const [at, standIn] of standIns.entries()) standIn.id = ids[at] ?? standIn.id
}

/** What the values of an INSERT say of the parents of its rows. */
interface GivenParents {
  /** A link's value is not among them: an expression, a default. */
  readonly unknownLinks: boolean
  /** One per row: the records by which the parents were reached. */
  readonly standIns: readonly StandIn[]
}

/** Notes the parents that the given values name. */
function noteGivenParents(
  parts: CollectingParts,
  { statement, type, frame }: Watched,
): GivenParents {
  const hops: Hop[] = []
  let unknown = false
  const standIns = statement.values.map((_, at): StandIn => {
    const key = `(new) ${at}`
    return { type, id: { text: '(new)', map: {} }, key, operation: 'insert', row: true }
  })
  const links = parts.parents.foreignKeysOf(type)
  for (const [at, values] of statement.values.entries()) {
    const child = `(new) ${at}`
    for (const link of links) {
      const id = parentIdFromEntity(link, values)
      // By another column than the key: the object's two values need not be of the same row.
      if (id != null && !link.viaPrimaryKey) unknown = true
      else if (id === undefined)
        unknown ||=
          link.columns.some(({ default: value }) => value !== undefined) ||
          link.columns.some((column) => column.getEntityValue(values) !== undefined)
      else if (id !== null) hops.push({ child, parent: parts.parents.record(link.to, id), link })
    }
  }
  noteParents(parts, frame, standIns, { hops, tooMany: [] })
  return { unknownLinks: unknown, standIns }
}

function insertedIds(
  { database }: CollectingParts,
  { statement, type, runner }: Watched,
  given: readonly (RecordId | undefined)[],
  { identifiers = [] }: WriteResult,
): readonly RecordId[] | undefined {
  const isGenerated = type.idColumns.some((column) => column.isGenerated)
  // PostgreSQL is not sent a key of the caller's where it generates one (typeorm facts 2.6).
  if (given.every((id) => id !== undefined) && !(isGenerated && database.returnsRows)) return given
  const reported = statement.values.map((_, index) => {
    const identifier = identifiers[index]
    return identifier === undefined ? undefined : idFromEntity(type, identifier)
  })
  if (!reported.every((id) => id !== undefined)) return undefined
  if (reported.length === 1) return reported
  // Where TypeORM counts on from one key it takes no notice of keys that were given.
  const isCounted = !runner.connection.driver.isReturningSqlSupported('insert')
  if (isCounted && isGenerated && given.some((id) => id !== undefined)) return undefined
  return database.reportsManyIds ? reported : countedBack(type, reported)
}

/**
 * sql.js reports the last row's key for every row of a multi-row INSERT. The statement holds the only connection,
 * so its rows have the keys that end there.
 */
function countedBack(
  type: Watched['type'],
  reported: readonly RecordId[],
): readonly RecordId[] | undefined {
  const [column] = type.idColumns
  const last: unknown = reported.at(-1) && column?.getEntityValue(reported.at(-1)?.map ?? {})
  if (typeof last !== 'number' || column === undefined || type.idColumns.length > 1)
    return undefined
  return reported.map((_, index) => {
    const map = column.createValueMap(last - (reported.length - 1) + index)
    const id = idFromEntity(type, map)
    if (id === undefined) throw new Error(`insert into ${type.name}: a counted key names no record`)
    return id
  })
}

/** An upsert may update rows, and reports keys of other rows: they are read by the columns it decides by. */
async function collectUpsert(
  parts: CollectingParts,
  watched: Watched,
  standIns: readonly StandIn[],
): Promise<AfterStatement> {
  const { statement, type, frame, runner } = watched
  const columns = statement.conflictColumns
  const decides = columns && parts.database.decidesByNamedColumns && !insertsAnew(parts, columns)
  const values = decides ? givenValues(watched, columns) : undefined
  if (values === undefined) {
    noteWholeType(parts, frame, type, 'an upsert or INSERT OR IGNORE whose rows cannot be named')
    return () => Promise.resolve()
  }
  const read = async (): Promise<readonly RecordId[]> =>
    (await parts.rows.keysWhere(runner, type, columns ?? [], values)).map(({ id }) => id)
  const note = async (ids: readonly RecordId[]): Promise<void> => {
    if (ids.length === 1) nameAll(standIns, ids)
    const records = ids.map((id) => changedBy(parts, type, id, 'update'))
    noteChanged(parts, frame, records, await parts.parents.ofRecords(runner, type, ids))
  }
  await note(await read())
  return async () => note(await read())
}

/** PostgreSQL is not sent a generated key: an upsert that decides by one inserts another row (typeorm facts 2.6). */
function insertsAnew({ database }: CollectingParts, columns: readonly Column[]): boolean {
  return database.returnsRows && columns.some(({ isGenerated }) => isGenerated)
}

/** The plain values that all rows give for these columns; undefined if one is missing or an expression. */
function givenValues(
  { statement, runner }: Watched,
  columns: readonly Column[],
): readonly (readonly unknown[])[] | undefined {
  const { driver } = runner.connection
  const rows = statement.values.map((values) =>
    columns.map((column) => {
      const value: unknown = column.getEntityValue(values)
      return value == null || typeof value === 'function'
        ? undefined
        : (driver.preparePersistentValue(value, column) as unknown)
    }),
  )
  return rows.every((row) => row.every((value) => value !== undefined)) ? rows : undefined
}
