import type { Column, EntityType } from './entity-type'

/** Where the primary key of a type stands among the values that name a record of it. */
export interface KeyPlace {
  /** Whether those values are exactly its primary key; else a query is needed to find the record. */
  readonly viaPrimaryKey: boolean
  /** For each primary key column its place among the values; empty if they are not the key. */
  readonly keyOrder: readonly number[]
}

/** @param columns those of the type's table that the values stand for */
export function keyPlaceOf(type: EntityType, columns: readonly Column[]): KeyPlace {
  // By name: the classes of one table have column objects of their own.
  const keyOrder = type.idColumns.map(({ databaseName }) =>
    columns.findIndex((column) => column.databaseName === databaseName),
  )
  const viaPrimaryKey = columns.length === keyOrder.length && !keyOrder.includes(-1)
  return { viaPrimaryKey, keyOrder: viaPrimaryKey ? keyOrder : [] }
}

/** The columns that foreign key columns go by. */
export function referencedBy(columns: readonly Column[]): readonly Column[] {
  return columns.flatMap(({ referencedColumn }) => referencedColumn ?? [])
}
