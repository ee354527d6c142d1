import type { EntityMetadata } from 'typeorm'
import type { Column, EntityType, Relation } from './entity-type'
import { keyPlaceOf, referencedBy } from './key-place'
import type { Link } from './link'
import { idFromRow, type RecordId } from './record-id'

/** The table of a many-to-many relation, as seen from one side of it. */
export interface JunctionSide {
  readonly metadata: EntityMetadata
  /** Columns that name the record on this side. */
  readonly own: readonly Column[]
  /** Columns that name the record on the other side. */
  readonly other: readonly Column[]
}

/** One of the two records that a many-to-many row names. */
export interface JunctionEnd {
  readonly type: EntityType
  /** The junction's columns that name it. */
  readonly columns: readonly Column[]
  /** The columns of its own table that they go by, in the same order. */
  readonly referencedColumns: readonly Column[]
  /** The record that raw values of `columns` name; undefined where they go by another column than its primary key. */
  idOf(rawValues: readonly unknown[]): RecordId | undefined
}

/** The table of a many-to-many relation. */
export interface Junction {
  readonly metadata: EntityMetadata
  /** Whether the relation is named in a `dependsOn`, on either side. */
  readonly isDeclared: boolean
  /** The owning side first. */
  readonly ends: readonly [JunctionEnd, JunctionEnd]
}

/** The tables of all many-to-many relations, by their metadata. */
export function junctionsOf(
  typeOf: ReadonlyMap<EntityMetadata, EntityType>,
  links: readonly Link[],
): ReadonlyMap<EntityMetadata, Junction> {
  const declared = new Set(links.map(({ junction }) => junction?.metadata))
  const junctions = new Map<EntityMetadata, Junction>()
  for (const relation of relationsOf(typeOf.keys())) {
    const { junctionEntityMetadata: metadata, isManyToManyOwner } = relation
    const owner = typeOf.get(relation.entityMetadata)
    const inverse = typeOf.get(relation.inverseEntityMetadata)
    if (!isManyToManyOwner || metadata === undefined || !owner || !inverse) continue
    const { own, other } = junctionSideOf(relation)
    const ends = [endOf(owner, own), endOf(inverse, other)] as const
    junctions.set(metadata, { metadata, isDeclared: declared.has(metadata), ends })
  }
  return junctions
}

/** All relations, each once: the classes of one table share theirs. */
export function relationsOf(metadatas: Iterable<EntityMetadata>): ReadonlySet<Relation> {
  return new Set([...metadatas].flatMap(({ relations }) => relations))
}

export function junctionSideOf(relation: Relation): JunctionSide {
  const { junctionEntityMetadata: metadata, entityMetadata, propertyPath } = relation
  if (metadata === undefined) {
    throw new Error(
      `${entityMetadata.name}.${propertyPath}: a many-to-many relation without a table`,
    )
  }
  return relation.isManyToManyOwner
    ? { metadata, own: metadata.ownerColumns, other: metadata.inverseColumns }
    : { metadata, own: metadata.inverseColumns, other: metadata.ownerColumns }
}

export function endOf(type: EntityType, columns: readonly Column[]): JunctionEnd {
  const referencedColumns = referencedBy(columns)
  const { viaPrimaryKey, keyOrder } = keyPlaceOf(type, referencedColumns)
  return {
    type,
    columns,
    referencedColumns,
    idOf: (rawValues) => {
      const key = keyOrder.map((at) => rawValues[at])
      return viaPrimaryKey && key.every((value) => value != null) ? idFromRow(type, key) : undefined
    },
  }
}
