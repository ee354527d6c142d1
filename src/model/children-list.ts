import type { EntityMetadata } from 'typeorm'
import { InvalidSubjectError, quoted } from '../core/errors'
import type { EntityGraph } from './entity-graph'
import type { EntityType } from './entity-type'

/** A list of children that is kept track of. */
export interface ChildrenList {
  readonly child: EntityType
  /** Several one-to-many properties over one foreign key are one list, by one name. */
  readonly list: string
}

/**
 * The list behind a one-to-many property.
 *
 * @throws {InvalidSubjectError} SWEEPER_INVALID_SUBJECT if it is no list, or its rows don't say where they belong
 */
export function childrenList(
  graph: EntityGraph,
  metadata: EntityMetadata,
  property: string,
  where: string,
): ChildrenList {
  const named = `${where}: children(${metadata.name}, ..., ${quoted(property)})`
  const relation = metadata.findRelationWithPropertyPath(property)
  if (relation?.isOneToMany !== true) {
    const lists = metadata.oneToManyRelations.map(({ propertyPath }) => propertyPath)
    const those = lists.length === 0 ? 'it has none' : `those are ${lists.join(', ')}`
    throw new InvalidSubjectError(`${named}: that is no one-to-many relation; ${those}`)
  }
  const { inverseRelation: owner, inverseEntityMetadata } = relation
  const child = graph.typeOf(inverseEntityMetadata)
  const link = child?.links.find((one) => one.kind === 'foreign-key' && one.relation === owner)
  const list = link && graph.childrenListOf(link)
  if (child === undefined || list === undefined) {
    throw new InvalidSubjectError(
      `${named}: changes of ${inverseEntityMetadata.name} are not followed; declare dependsOn: [${quoted(owner?.propertyPath)}] on ${inverseEntityMetadata.name}`,
    )
  }
  return { child, list }
}
