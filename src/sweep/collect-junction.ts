import type { EntityMetadata, QueryRunner } from 'typeorm'
import type { EntityType } from '../model/entity-type'
import type { Junction } from '../model/junction'
import type { RecordId } from '../model/record-id'
import {
  noteChanged,
  noteWholeType,
  type AfterStatement,
  type CollectingParts,
  type Watched,
} from './collecting'
import type { ChangedRecord, Frame } from './frame'
import { storedValues } from './stored-values'

type Column = EntityMetadata['columns'][number]

/**
 * Rows of a many-to-many table. Where the relation is named in a `dependsOn`, on either side, both ends are swept
 * (their row halves stay: no row of theirs was written), and what they belong to. Where it is in none, no record
 * belongs to another by these rows, and what was read of them is known by the token of the table alone.
 *
 * Extra queries: none for an INSERT and for undeclared relations, 1 before an UPDATE or DELETE.
 */
export async function collectJunction(
  parts: CollectingParts,
  { statement, runner, frame, inTransaction }: Omit<Watched, 'type'>,
  junction: Junction,
): Promise<AfterStatement> {
  if (!junction.isDeclared) {
    frame.lists.add(parts.keyspace.collection(junction.metadata.tablePath))
    return () => Promise.resolve()
  }
  frame.movesLinks = true
  const columns = junction.ends.flatMap((end) => end.columns)
  if (statement.isFromSelect) {
    noteEnds(parts, frame, junction, 'INSERT ... SELECT into a many-to-many table')
    return () => Promise.resolve()
  }
  if (statement.kind === 'insert') {
    const pairs = statement.values.map((values) =>
      columns.map((column) => givenValue(column, values)),
    )
    await notePairs(parts, runner, frame, junction, pairs)
    return () => Promise.resolve()
  }
  const pairs = await parts.rows.rawFor(runner, columns, statement, {
    limit: parts.maxFanOut + 1,
    lock: inTransaction ? parts.database.lock : undefined,
  })
  if (pairs.length > parts.maxFanOut)
    noteEnds(parts, frame, junction, `more than ${parts.maxFanOut} rows in one statement`)
  else await notePairs(parts, runner, frame, junction, pairs)
  return (result) => {
    if ((result.affected ?? 0) > pairs.length)
      noteEnds(parts, frame, junction, 'it changed more rows than were there before it')
    return Promise.resolve()
  }
}

/** Records are about to be deleted: their many-to-many rows go with them, and the other ends notice. 1 query per relation. */
export async function notePairsOf(
  parts: CollectingParts,
  { runner, frame }: Pick<Watched, 'runner' | 'frame'>,
  type: EntityType,
  ids: readonly RecordId[],
): Promise<void> {
  if (ids.length === 0) return
  for (const junction of parts.graph.declaredJunctions()) {
    for (const end of junction.ends) {
      if (end.type !== type) continue
      const limit = parts.maxFanOut
      const pairs = await parts.rows.rawWhere(
        runner,
        junction.metadata,
        junction.ends.flatMap(({ columns }) => columns),
        end.columns,
        ids.map((id) => storedValues(runner, end.referencedColumns, id)),
        limit + 1,
      )
      if (pairs.length > limit)
        noteEnds(
          parts,
          frame,
          junction,
          `more than ${limit} rows point at deleted ${type.name} rows`,
        )
      else await notePairs(parts, runner, frame, junction, pairs)
    }
  }
}

async function notePairs(
  parts: CollectingParts,
  runner: QueryRunner,
  frame: Frame,
  junction: Junction,
  pairs: readonly (readonly unknown[])[],
): Promise<void> {
  let from = 0
  for (const end of junction.ends) {
    const to = from + end.columns.length
    const records = new Map<string, ChangedRecord>()
    for (const pair of pairs) {
      const id = end.idOf(pair.slice(from, to))
      if (id === undefined) {
        noteWholeType(
          parts,
          frame,
          end.type,
          `a many-to-many row of ${end.type.name} names no record`,
        )
        continue
      }
      const record = parts.parents.record(end.type, id)
      records.set(record.key, { ...record, operation: 'link', row: false })
    }
    from = to
    const changed = [...records.values()]
    const ids = changed.map(({ id }) => id)
    noteChanged(parts, frame, changed, await parts.parents.ofRecords(runner, end.type, ids))
  }
}

function noteEnds(parts: CollectingParts, frame: Frame, { ends }: Junction, reason: string): void {
  for (const { type } of ends) noteWholeType(parts, frame, type, reason)
}

/** TypeORM gives a junction's values by its own column names, or as the entities at both ends; an expression says nothing. */
function givenValue(column: Column, values: object): unknown {
  const value: unknown = column.getEntityValue(values)
  return typeof value === 'function' ? undefined : value
}
