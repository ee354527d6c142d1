import type { QueryRunner } from 'typeorm'
import type { Keyspace } from '../core/keyspace'
import type { Tenants } from '../core/tenants'
import type { EntityGraph } from '../model/entity-graph'
import type { EntityType } from '../model/entity-type'
import type { RecordId } from '../model/record-id'
import { noteHops } from './cascade'
import type { DatabaseTraits } from './database-traits'
import type { ChangedRecord, Frame, Operation } from './frame'
import type { Hops, Parents } from './parents'
import type { LinkedRow, RowReader } from './row-reader'
import type { StatementKind, WriteResult, WriteStatement } from './write-statement'

/** What collecting needs; the same for every statement of a DataSource. */
export interface CollectingParts {
  readonly graph: EntityGraph
  readonly keyspace: Keyspace
  readonly tenants: Tenants
  readonly parents: Parents
  readonly rows: RowReader
  readonly database: DatabaseTraits
  readonly maxFanOut: number
  /** Tells why a whole type has to be swept. */
  onTypeSweep(type: EntityType, reason: string): void
}

/** One statement being watched. */
export interface Watched {
  readonly statement: WriteStatement
  readonly type: EntityType
  readonly runner: QueryRunner
  /** Where it notes what it changes; counts once the statement has succeeded. */
  readonly frame: Frame
  /** Inside a transaction rows that are read for writing can be locked until COMMIT. */
  readonly inTransaction: boolean
}

export const OPERATIONS: Readonly<Record<StatementKind, Operation>> = {
  insert: 'insert',
  update: 'update',
  delete: 'remove',
  'soft-delete': 'soft-remove',
  restore: 'recover',
}

/** What is left to do when the statement has run. */
export type AfterStatement = (result: WriteResult) => Promise<void>

/** Notes records as changed, and one step of what they belong to. */
export function noteChanged(
  parts: CollectingParts,
  frame: Frame,
  records: readonly ChangedRecord[],
  hops: Hops,
): void {
  for (const record of records) frame.addChanged(record)
  noteParents(parts, frame, records, hops)
}

/** Notes one step of what records belong to, without the records themselves. */
export function noteParents(
  parts: CollectingParts,
  frame: Frame,
  records: readonly ChangedRecord[],
  hops: Hops,
): void {
  const children = new Map(records.map((record) => [record.key, record]))
  noteHops(
    frame,
    hops,
    (key) => {
      const child = children.get(key)
      if (child === undefined) return undefined
      const { operation } = child
      return { record: child, cause: { operation, steps: [] }, changed: true }
    },
    ({ link, parent }) => {
      const list = parts.graph.childrenListOf(link)
      return list === undefined
        ? undefined
        : parts.keyspace.children(parent.type.key, parent.id.text, list)
    },
  )
  for (const link of hops.tooMany)
    parts.onTypeSweep(link.to, `more than ${parts.maxFanOut} rows by ${link.name}`)
}

/** A record of this statement. */
export function changedBy(
  parts: CollectingParts,
  type: EntityType,
  id: RecordId,
  operation: Operation,
): ChangedRecord {
  return { ...parts.parents.record(type, id), operation, row: true }
}

/** Rows that are about to change: noted with what they belong to now. */
export async function noteRows(
  parts: CollectingParts,
  { frame, runner, type }: Pick<Watched, 'frame' | 'runner' | 'type'>,
  rows: readonly LinkedRow[],
  operation: Operation,
): Promise<readonly ChangedRecord[]> {
  const records = rows.map(({ id }) => changedBy(parts, type, id, operation))
  noteChanged(parts, frame, records, await parts.parents.ofRows(runner, type, rows))
  return records
}

/** The rows could not be named: everything of the type, and of what it belongs to. */
export function noteWholeType(
  parts: CollectingParts,
  frame: Frame,
  type: EntityType,
  reason: string,
): void {
  frame.addType(type, 'with-ancestors')
  parts.onTypeSweep(type, reason)
}

/** Whether a statement sets a column that one of the type's links goes by. */
export function movesLinks(parts: CollectingParts, { statement, type }: Watched): boolean {
  return parts.parents
    .foreignKeysOf(type)
    .some(({ columns }) => columns.some((column) => statement.sets(column)))
}

/** Whether it changes primary keys themselves: then old and new keys cannot be matched. */
export function setsPrimaryKey({ statement, type }: Watched): boolean {
  return type.idColumns.some((column) => statement.sets(column))
}
