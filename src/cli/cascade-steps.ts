import type { DataSource, EntityMetadata } from 'typeorm'
import type { Sweeper } from '../index'

type Link = ReturnType<Sweeper['graph']>['links'][number]

/** A step of a cascade that leads to the rows which point at a record: as many as there are. */
export interface Step {
  /** `User.comments` */
  readonly name: string
  /** The table that is searched. */
  readonly metadata: EntityMetadata
  /** Its columns that are searched by. */
  readonly columns: readonly string[]
}

/** The steps of all declared cascades that may lead to more than one row. A foreign key leads to one, by its primary key. */
export function cascadeSteps(
  { entityMetadatas }: DataSource,
  links: readonly Link[],
): readonly Step[] {
  return links.flatMap(({ from, property, kind }): Step[] => {
    if (kind === 'foreign-key') return []
    const relation = entityMetadatas
      .filter((one) => one.name === from || one.parentEntityMetadata?.name === from)
      .map((one) => one.findRelationWithPropertyPath(property))
      .find((one) => one !== undefined)
    const name = `${from}.${property}`
    if (relation?.junctionEntityMetadata !== undefined) {
      const { joinColumns, inverseJoinColumns, isOwning } = relation
      const columns = isOwning
        ? joinColumns
        : (relation.inverseRelation?.inverseJoinColumns ?? inverseJoinColumns)
      return [{ name, metadata: relation.junctionEntityMetadata, columns: namesOf(columns) }]
    }
    const inverse = relation?.inverseRelation
    return inverse === undefined
      ? []
      : [{ name, metadata: inverse.entityMetadata, columns: namesOf(inverse.joinColumns) }]
  })
}

function namesOf(columns: readonly { readonly databaseName: string }[]): readonly string[] {
  return columns.map(({ databaseName }) => databaseName)
}
