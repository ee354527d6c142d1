import type { EntityMetadata } from 'typeorm'
import type { Column, EntityType, Relation } from './entity-type'
import { keyPlaceOf, referencedBy } from './key-place'
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

/** @param relation the owning side */
export function junctionOf(
  relation: Relation,
  owner: EntityType,
  inverse: EntityType,
  isDeclared: boolean,
): Junction {
  const { metadata, own, other } = junctionSideOf(relation)
  return { metadata, isDeclared, ends: [endOf(owner, own), endOf(inverse, other)] }
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
