import type { EntityMetadata, QueryRunner } from 'typeorm'
import type { EntityType } from '../model/entity-type'
import type { RecordId } from '../model/record-id'
import { withDeletedAlong } from './changed-along'
import { noteRows, noteWholeType, type CollectingParts, type Watched } from './collecting'
import { notePairsOf } from './collect-junction'
import { storedValues } from './stored-values'

type Relation = EntityMetadata['relations'][number]

/**
 * What the database itself does to other rows when rows are deleted: `ON DELETE CASCADE`, `SET NULL`, `SET DEFAULT`.
 * TypeORM tells nobody about those rows (typeorm facts 2.4), so they are found before the delete, downward,
 * their own cascades too. One query per referencing table and step, and only where there is one.
 */
export async function noteDatabaseCascades(
  parts: CollectingParts,
  { runner, frame }: Pick<Watched, 'runner' | 'frame'>,
  type: EntityType,
  ids: readonly RecordId[],
): Promise<void> {
  const seen = new Set(ids.map(({ text }) => `${type.key}:${text}`))
  let step: { readonly type: EntityType; readonly ids: readonly RecordId[] }[] = [{ type, ids }]
  while (step.length > 0) {
    const next: typeof step = []
    for (const { type: parent, ids: parentIds } of step) {
      if (parentIds.length === 0) continue
      for (const relation of parts.graph.databaseCascadesOf(parent)) {
        const found = await noteRowsPointingAt(parts, runner, frame, parent, parentIds, relation)
        if (found === undefined || relation.onDelete !== 'CASCADE') continue
        const fresh = found.ids.filter(({ text }) => !seen.has(`${found.type.key}:${text}`))
        for (const { text } of fresh) seen.add(`${found.type.key}:${text}`)
        next.push({ type: found.type, ids: fresh })
      }
    }
    step = next
  }
}

/** By what other rows point at these: known if it is their keys, else 1 query. */
async function valuesOf(
  parts: CollectingParts,
  runner: QueryRunner,
  type: EntityType,
  ids: readonly RecordId[],
  columns: EntityType['idColumns'],
): Promise<readonly (readonly unknown[])[]> {
  if (columns.every((column) => type.idColumns.includes(column)))
    return ids.map((id) => storedValues(runner, columns, id))
  const rows = await parts.rows.valuesOf(runner, type, columns, ids)
  return rows.map(({ values }) => values).filter((row) => row.every((value) => value != null))
}

async function noteRowsPointingAt(
  parts: CollectingParts,
  runner: QueryRunner,
  frame: Watched['frame'],
  parent: EntityType,
  ids: readonly RecordId[],
  relation: Relation,
): Promise<{ readonly type: EntityType; readonly ids: readonly RecordId[] } | undefined> {
  const child = parts.graph.typeOf(relation.entityMetadata)
  if (child === undefined) return undefined
  const referenced = relation.joinColumns.flatMap(({ referencedColumn }) => referencedColumn ?? [])
  const values = await valuesOf(parts, runner, parent, ids, referenced)
  const limit = parts.maxFanOut
  const found =
    values.length === 0
      ? []
      : await parts.rows.keysWhere(runner, child, relation.joinColumns, values, limit + 1)
  if (found.length > limit) {
    const reason = `ON DELETE of ${parent.name} reaches more than ${limit} rows`
    for (const type of withDeletedAlong(parts.graph, [child]))
      noteWholeType(parts, frame, type, reason)
    return undefined
  }
  const foundIds = found.map(({ id }) => id)
  if (foundIds.length === 0) return undefined
  const isDeleted = relation.onDelete === 'CASCADE'
  const rows = await parts.rows.rowsOf(runner, child, parts.parents.foreignKeysOf(child), foundIds)
  const watched = { frame, runner, type: child }
  await noteRows(parts, watched, rows, isDeleted ? 'remove' : 'update')
  if (isDeleted) await notePairsOf(parts, watched, child, foundIds)
  return { type: child, ids: foundIds }
}
