import type { Column, EntityType, Relation } from './entity-type'
import { endOf, junctionSideOf, type JunctionSide } from './junction'
import { keyPlaceOf, referencedBy, type KeyPlace } from './key-place'
import type { RecordId } from './record-id'

/** Where a link's many-to-many relation keeps its pairs. */
export interface LinkJunction extends JunctionSide {
  /** What raw values of `other` name; undefined where they go by another column than the primary key. */
  otherId(rawValues: readonly unknown[]): RecordId | undefined
}

interface AnyLink extends KeyPlace {
  readonly from: EntityType
  readonly to: EntityType
  readonly relation: Relation
  /** The relation's property path: `article`, `ref.article`. */
  readonly property: string
  /** `Comment.article`, for people. */
  readonly name: string
  /** The foreign key: columns of `from` for a foreign key, of `to` for an inverse, of the junction for a junction. */
  readonly columns: readonly Column[]
  /** What the foreign key goes by, in the same order: columns of `to` for a foreign key, else of `from`. */
  readonly referencedColumns: readonly Column[]
}

/** The relation's columns stand in the row itself: many-to-one, or the owning side of one-to-one. */
export interface ForeignKeyLink extends AnyLink {
  readonly kind: 'foreign-key'
  readonly junction: undefined
}

/** The targets are the rows that point here: one-to-many, or the other side of one-to-one. */
export interface InverseLink extends AnyLink {
  readonly kind: 'inverse'
  readonly junction: undefined
}

/** Many-to-many, from either side. */
export interface JunctionLink extends AnyLink {
  readonly kind: 'junction'
  readonly junction: LinkJunction
}

/** One declared dependency: a changed record of `from` sweeps what its relation leads to. */
export type Link = ForeignKeyLink | InverseLink | JunctionLink

/** Makes the link of a relation that is named in a `dependsOn`. */
export function linkOf(relation: Relation, from: EntityType, to: EntityType): Link {
  const property = relation.propertyPath
  const ends = { from, to, relation, property, name: `${from.name}.${property}` }
  // Not isOwning: that is true of many-to-many relations too, whose join columns are the junction's.
  if (relation.isWithJoinColumn) {
    const { joinColumns: columns } = relation
    const referencedColumns = referencedBy(columns)
    const place = keyPlaceOf(to, referencedColumns)
    return {
      ...ends,
      ...place,
      kind: 'foreign-key',
      junction: undefined,
      columns,
      referencedColumns,
    }
  }
  if (relation.isManyToMany) {
    const side = junctionSideOf(relation)
    const other = endOf(to, side.other)
    const junction = { ...side, otherId: other.idOf }
    const place = keyPlaceOf(to, other.referencedColumns)
    const referencedColumns = referencedBy(side.own)
    return { ...ends, ...place, kind: 'junction', junction, columns: side.own, referencedColumns }
  }
  const columns = relation.inverseRelation?.joinColumns ?? []
  const place = { viaPrimaryKey: false, keyOrder: [] }
  const referencedColumns = referencedBy(columns)
  return { ...ends, ...place, kind: 'inverse', junction: undefined, columns, referencedColumns }
}
