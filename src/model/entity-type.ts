import type { EntityMetadata } from 'typeorm'
import type { KeyColumn } from './key-column'
import type { Link } from './link'

export type Column = EntityMetadata['columns'][number]
export type Relation = EntityMetadata['relations'][number]

/** What holds for records of one class, bases included. */
export interface ResolvedDeclaration {
  /** The column of the `using` property. */
  readonly using: Column | undefined
  readonly writeThrough: boolean
  readonly ttlMs: number | undefined
}

/**
 * One table whose rows are records. All classes of a single-table inheritance are one type, and so are entities that
 * map the same table by the same primary key: a row has one identity, whatever class it was loaded as.
 */
export interface EntityType {
  /** The name of the entity, for people; the root's for single-table inheritance. */
  readonly name: string
  /** The table's path as TypeORM builds it, schema and database included: `blog.comment`. Part of stored keys. */
  readonly key: string
  /** The entity itself; the root for single-table inheritance. */
  readonly metadata: EntityMetadata
  readonly idColumns: readonly Column[]
  /** The same columns, with how their values are read. */
  readonly keyColumns: readonly KeyColumn[]
  /** Declared by any class of the table. */
  readonly links: readonly Link[]
  /** @param metadata of any class of the table; the root's for one of another table */
  declarationFor(metadata: EntityMetadata): ResolvedDeclaration
}
