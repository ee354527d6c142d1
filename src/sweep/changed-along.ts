import type { EntityMetadata } from 'typeorm'
import type { EntityGraph } from '../model/entity-graph'
import type { EntityType } from '../model/entity-type'

type Column = EntityMetadata['columns'][number]

const ACTS_ON_ROWS: readonly unknown[] = ['CASCADE', 'SET NULL', 'SET DEFAULT']

/**
 * These types, and all whose rows may change when some of theirs are deleted: by `ON DELETE`, and the other ends
 * of declared many-to-many rows that go with them.
 */
export function withDeletedAlong(
  graph: EntityGraph,
  types: readonly EntityType[],
): readonly EntityType[] {
  const all = new Set(types.flatMap((type) => [type, ...graph.typesDeletedWith(type)]))
  for (const { ends } of graph.declaredJunctions())
    if (ends.some(({ type }) => all.has(type))) for (const { type } of ends) all.add(type)
  return [...all]
}

/** These types, and all whose rows point at theirs, whatever the `ON DELETE`: `TRUNCATE ... CASCADE`. */
export function withTruncatedAlong(
  graph: EntityGraph,
  types: readonly EntityType[],
): readonly EntityType[] {
  const all = new Set(types)
  // A Set's iteration reaches what is added to it meanwhile.
  for (const emptied of all)
    for (const type of graph.types)
      if (foreignKeysOf(type).some(({ target }) => graph.typeOf(target) === emptied)) all.add(type)
  return withDeletedAlong(graph, [...all])
}

/**
 * The types whose rows the database changes when a column they go by gets other values: `ON UPDATE CASCADE`.
 *
 * @param sets which columns of `type` are written
 */
export function typesUpdatedAlong(
  graph: EntityGraph,
  type: EntityType,
  sets: (column: Column) => boolean,
): readonly EntityType[] {
  return graph.types.filter((other) =>
    foreignKeysOf(other).some(
      ({ target, referenced, onUpdate }) =>
        ACTS_ON_ROWS.includes(onUpdate) && graph.typeOf(target) === type && referenced.some(sets),
    ),
  )
}

interface ForeignKey {
  readonly target: EntityMetadata
  readonly referenced: readonly Column[]
  readonly onUpdate: unknown
}

/** From relations and not from `metadata.foreignKeys`, which lacks those of inherited types. */
function foreignKeysOf({ metadata }: EntityType): readonly ForeignKey[] {
  return metadata.relations
    .filter(({ isWithJoinColumn }) => isWithJoinColumn)
    .map(({ inverseEntityMetadata: target, joinColumns, onUpdate }) => ({
      target,
      referenced: joinColumns.flatMap(({ referencedColumn }) => referencedColumn ?? []),
      onUpdate,
    }))
}
