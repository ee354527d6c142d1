import type { EntityMetadata, QueryRunner } from 'typeorm'
import type { EntityType } from '../model/entity-type'
import type { RecordId } from '../model/record-id'
import { noteRows, noteWholeType, type CollectingParts, type Watched } from './collecting'
import { storedValues } from './stored-values'

type Relation = EntityMetadata['relations'][number]

const ACTS_ON_ROWS = ['CASCADE', 'SET NULL', 'SET DEFAULT']

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

async function noteRowsPointingAt(
  parts: CollectingParts,
  runner: QueryRunner,
  frame: Watched['frame'],
  parent: EntityType,
  ids: readonly RecordId[],
  relation: Relation,
): Promise<{ readonly type: EntityType; readonly ids: readonly RecordId[] } | undefined> {
  const columns = relation.joinColumns
  const referenced = columns.flatMap(({ referencedColumn }) => referencedColumn ?? [])
  const values = ids.map((id) => storedValues(runner, referenced, id))
  if (values.some((row) => row.some((value) => value === undefined))) {
    // The foreign key goes by another column than the primary key.
    const child = parts.graph.typeOf(relation.entityMetadata)
    if (child !== undefined)
      noteWholeType(parts, frame, child, `ON DELETE of ${parent.name} by a column that is no primary key`)
    return undefined
  }
  const child = parts.graph.typeOf(relation.entityMetadata)
  if (child === undefined) return undefined
  const limit = parts.maxFanOut
  const found = await parts.rows.keysWhere(runner, child, columns, values, limit + 1)
  if (found.length > limit) {
    noteWholeType(parts, frame, child, `ON DELETE of ${parent.name} reaches more than ${limit} rows`)
    return undefined
  }
  const foundIds = found.map(({ id }) => id)
  if (foundIds.length === 0) return undefined
  const links = parts.parents.foreignKeysOf(child)
  const operation = relation.onDelete === 'CASCADE' ? 'remove' : 'update'
  const rows = await parts.rows.rowsOf(runner, child, links, foundIds)
  await noteRows(parts, { frame, runner, type: child }, rows, operation)
  return { type: child, ids: foundIds }
}
