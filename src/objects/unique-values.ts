import { InstanceChecker, type EntityMetadata, type ObjectLiteral } from 'typeorm'
import { InvalidOptionError, quoted } from '../core/errors'

/**
 * Checks that values name at most one row: they cover a primary key, a unique constraint or a unique index, and
 * none is empty, of which a unique column may have many.
 *
 * @returns property and value, in an order that does not depend on the caller's
 * @throws {InvalidOptionError} SWEEPER_INVALID_OPTION naming the class and its unique columns
 */
export function uniqueValues(
  metadata: EntityMetadata,
  values: ObjectLiteral,
): readonly (readonly [string, unknown])[] {
  const where = `findBy(${metadata.name})`
  const given = Object.entries<unknown>(values).toSorted(([a], [b]) => (a < b ? -1 : 1))
  for (const [property, value] of given) {
    if (metadata.columns.every(({ propertyPath }) => propertyPath !== property))
      throw new InvalidOptionError(
        `${where}: ${quoted(property)} is no column; unique are ${shownSets(metadata)}`,
      )
    if (value === null || value === undefined || InstanceChecker.isFindOperator(value))
      throw new InvalidOptionError(
        `${where}: ${property} is ${InstanceChecker.isFindOperator(value) ? 'a find operator' : String(value)}, which may fit many rows; give a value`,
      )
  }
  const names = new Set(given.map(([property]) => property))
  if (!uniqueSets(metadata).some((set) => set.every((property) => names.has(property))))
    throw new InvalidOptionError(
      `${where}: ${[...names].join(', ') || 'nothing'} may fit many rows; unique are ${shownSets(metadata)}`,
    )
  return given
}

function uniqueSets(metadata: EntityMetadata): readonly (readonly string[])[] {
  const sets = [
    metadata.primaryColumns,
    ...metadata.uniques.map(({ columns }) => columns),
    // One with a condition leaves rows out.
    ...metadata.indices
      .filter(({ isUnique, where }) => isUnique && where === undefined)
      .map(({ columns }) => columns),
  ]
  return sets
    .filter((columns) => columns.length > 0)
    .map((columns) => columns.map(({ propertyPath }) => propertyPath))
}

function shownSets(metadata: EntityMetadata): string {
  const shown = uniqueSets(metadata).map((set) => set.join(' + '))
  return [...new Set(shown)].join(', ')
}
