import type { DataSource, EntityMetadata, EntitySubscriberInterface } from 'typeorm'
import type { Column, Relation } from '../model/entity-type'
import type { Tuples } from './row-tuples'

export interface RowHydratorParts {
  readonly dataSource: DataSource
  readonly metadata: EntityMetadata
  /** What its columns are called in a row begins with this. */
  readonly alias: string
  /** Whether a subscriber is this library's, which has no need to hear of what it makes itself. */
  isOurs(subscriber: EntitySubscriberInterface): boolean
}

/**
 * Makes the instance of the one row of an object without relations as TypeORM does (typeorm 1.1.1
 * RawSqlResultsToEntityTransformer.transformColumns), with all that is the same for every row looked up once: with
 * TypeORM's own machinery around each, a hit was measured at several times the CPU time.
 *
 * Instances, lazy relations, embedded objects, column types and transformers are TypeORM's own doing here too. What it
 * would tell of a load, or decide by the row, is left to it.
 */
export class RowHydrator {
  readonly #parts: RowHydratorParts
  readonly #byName: ReadonlyMap<string, Column>
  #last: { readonly names: readonly string[]; readonly columns: readonly Column[] } | undefined

  constructor(parts: RowHydratorParts) {
    const { metadata, alias } = parts
    this.#parts = parts
    this.#byName = new Map(
      metadata.columns.map((column) => [`${alias}_${column.databaseName}`, column]),
    )
  }

  /** Undefined where it is for TypeORM to do. */
  hydrate([, names, row, ...further]: Tuples): object | undefined {
    if (row === undefined || further.length > 0 || this.#isHeard()) return undefined
    const columns = this.#columnsOf(names)
    if (columns === undefined) return undefined
    const { metadata, dataSource } = this.#parts
    const entity = metadata.create(undefined, { fromDeserializer: true }) as object
    // A constructor has put other entities there, of which TypeORM would tell.
    if (metadata.relations.some((relation) => holdsEntities(relation, entity))) return undefined
    let hasData = false
    for (let at = 0; at < columns.length; at++) {
      const column = columns[at]
      const value = row[at]
      if (column === undefined || value === undefined || column.isVirtual) continue
      hasData ||= value !== null
      column.setEntityValue(entity, dataSource.driver.prepareHydratedValue(value, column))
    }
    return hasData ? entity : undefined
  }

  /** Undefined where one is called something else, as drivers do with names that are too long. */
  #columnsOf(names: readonly string[]): readonly Column[] | undefined {
    if (this.#last !== undefined && areSame(this.#last.names, names)) return this.#last.columns
    const columns = names.flatMap((name) => this.#byName.get(name) ?? [])
    if (columns.length !== names.length) return undefined
    this.#last = { names, columns }
    return columns
  }

  /** Who hears of loads is told of them by TypeORM; what we would note of this one, whoever asked for it does. */
  #isHeard(): boolean {
    const { dataSource, isOurs } = this.#parts
    return dataSource.subscribers.some((one) => one.afterLoad !== undefined && !isOurs(one))
  }
}

function holdsEntities(relation: Relation, entity: object): boolean {
  if (relation.isLazy) return false
  const value: unknown = relation.getEntityValue(entity)
  return Array.isArray(value) ? value.length > 0 : typeof value === 'object' && value !== null
}

function areSame(one: readonly string[], other: readonly string[]): boolean {
  if (one.length !== other.length) return false
  for (let at = 0; at < one.length; at++) if (one[at] !== other[at]) return false
  return true
}

/** Whether rows of this class, without relations, are all that its instances are made of. */
export function isPlain(metadata: EntityMetadata): boolean {
  // TypeORM 0.3 has them.
  const { relationCounts = [] } = metadata as { readonly relationCounts?: readonly unknown[] }
  return (
    metadata.tableType === 'regular' &&
    metadata.discriminatorColumn === undefined &&
    metadata.afterLoadListeners.length === 0 &&
    metadata.relationIds.length === 0 &&
    relationCounts.length === 0 &&
    metadata.columns.every(({ isVirtualProperty }) => !isVirtualProperty)
  )
}
