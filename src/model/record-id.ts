import { InstanceChecker, type ObjectLiteral } from 'typeorm'
import { InvalidSubjectError, quoted } from '../core/errors'
import type { EntityType, Relation } from './entity-type'
import type { KeyColumn } from './key-column'
import { KeyedId } from './keyed-id'
import type { Link } from './link'

/** What identifies a row, the same whatever form its key came in. */
export interface RecordId {
  /** One encoded text per key column, joined by `,`. Injective; part of stored keys. */
  readonly text: string
  /** For `whereInIds` and `find`; nested for embedded keys. */
  readonly map: ObjectLiteral
}

/** The id of an entity, or of any object with its key properties; undefined if a part is missing, null or impossible. */
export function idFromEntity(type: EntityType, entity: object): RecordId | undefined {
  const values: unknown[] = []
  for (const { column } of type.keyColumns) {
    const value: unknown = column.getEntityValue(entity)
    if (!isGiven(value)) return undefined
    values.push(value)
  }
  return idOf(type.keyColumns, values)
}

/** The names of the key properties that an object has no value for, or none that they could have. */
export function missingKeysOf(type: EntityType, entity: object): readonly string[] {
  return type.keyColumns
    .filter(({ column, textOf }) => {
      const value: unknown = column.getEntityValue(entity)
      return !isGiven(value) || textOf(value) === undefined
    })
    .map(({ column }) => column.propertyPath)
}

/**
 * The id that a user's value names: the value of a single key, or an object for composite and embedded keys.
 *
 * @throws {InvalidSubjectError} SWEEPER_INVALID_SUBJECT naming what is missing, or what the key cannot be
 */
export function idFromValue(type: EntityType, value: unknown): RecordId {
  const [only, ...others] = type.keyColumns
  if (only === undefined) {
    throw new InvalidSubjectError(
      `record(${type.name}, ${quoted(value)}): ${type.name} has no primary key; give the whole type, ${type.name}`,
    )
  }
  if (others.length === 0 && !hasParts(value, only)) {
    return idOf([only], [value]) ?? refuse(type, value)
  }
  if (typeof value !== 'object' || value === null) {
    throw new InvalidSubjectError(
      `record(${type.name}, ${quoted(value)}): the key has several parts; give an object with ${pathsOf(type)}`,
    )
  }
  return idFromEntity(type, value) ?? refuse(type, value)
}

/** The id in raw values of the key columns, in the order of `idColumns`. */
export function idFromRow(type: EntityType, rawValues: readonly unknown[]): RecordId {
  const values = type.keyColumns.map((key, index) => key.hydrate(rawValues[index]))
  const texts = type.keyColumns.map((key, index) => {
    // Whatever stands in the row is its key, also what SQLite lets into a column of another type.
    return key.textOf(values[index]) ?? String(rawValues[index])
  })
  return new KeyedId(type.keyColumns, values, texts)
}

/**
 * The record that a foreign key in a row points at, if it goes by the primary key; else undefined: a query is needed.
 * Raw values in the order of `link.columns`, or of `link.junction.other`.
 */
export function parentIdFromForeignKey(
  link: Link,
  rawValues: readonly unknown[],
): RecordId | undefined {
  if (!link.viaPrimaryKey) return undefined
  const key = link.keyOrder.map((at) => rawValues[at])
  return key.every((value) => value != null) ? idFromRow(link.to, key) : undefined
}

/**
 * The record that an object's foreign key points at: by its relation, or by the plain column beside it.
 * Null: it points at none. Undefined: the object doesn't tell.
 */
export function parentIdFromEntity(link: Link, entity: object): RecordId | null | undefined {
  if (link.kind !== 'foreign-key') return undefined
  const related = relationValueOf(link.relation, entity)
  if (typeof related === 'object' && related !== null) {
    const id = idFromEntity(link.to, related)
    if (id !== undefined) return id
  }
  const values = link.columns.map((column): unknown => column.getEntityValue(entity))
  if (related === null) {
    // TypeORM's save() goes by the relation, its query builders by the column: where these differ, only the row tells.
    return values.some((value) => value != null) ? undefined : null
  }
  if (values.length > 0 && values.every((value) => value === null)) return null
  if (!link.viaPrimaryKey || !values.every(isGiven)) return undefined
  if (!haveSameForm(link)) return undefined
  return idOf(
    link.to.keyColumns,
    link.keyOrder.map((at) => values[at]),
  )
}

/** A key with a transformer and a foreign key without it have the same value in two forms. */
function haveSameForm({ to, columns, keyOrder }: Link): boolean {
  return to.idColumns.every(
    ({ transformer }, index) => columns[keyOrder[index] ?? -1]?.transformer === transformer,
  )
}

/** Reads the relation's property without loading a lazy one. */
function relationValueOf(relation: Relation, entity: object): unknown {
  let holder: unknown = entity
  for (const name of relation.embeddedMetadata?.parentPropertyNames ?? []) {
    if (typeof holder !== 'object' || holder === null) return undefined
    holder = (holder as Record<string, unknown>)[name]
  }
  return typeof holder === 'object' && holder !== null
    ? (relation.getEntityValue(entity) as unknown)
    : undefined
}

/** A value that was set: expressions of query builders and find operators say nothing about it. */
function isGiven(value: unknown): boolean {
  return value != null && typeof value !== 'function' && !InstanceChecker.isFindOperator(value)
}

/** Whether a value for a single key is an object that holds the key, rather than the key itself. */
function hasParts(value: unknown, { column }: KeyColumn): value is object {
  if (typeof value !== 'object' || value === null) return false
  if (value instanceof Date || value instanceof Uint8Array) return false
  return column.transformer === undefined || column.getEntityValue(value) !== undefined
}

function idOf(keys: readonly KeyColumn[], values: readonly unknown[]): RecordId | undefined {
  const texts: string[] = []
  for (let at = 0; at < keys.length; at++) {
    const text = keys[at]?.textOf(values[at])
    if (text === undefined) return undefined
    texts.push(text)
  }
  return new KeyedId(keys, values, texts)
}

function pathsOf({ idColumns }: EntityType): string {
  return idColumns.map(({ propertyPath }) => `"${propertyPath}"`).join(', ')
}

function refuse(type: EntityType, value: unknown): never {
  const where = `record(${type.name}, ${quoted(value)})`
  const [only] = type.keyColumns
  if (only !== undefined && hasParts(value, only)) {
    throw new InvalidSubjectError(
      `${where}: the key lacks "${missingKeysOf(type, value).join('", "')}"; give an object with ${pathsOf(type)}`,
    )
  }
  throw new InvalidSubjectError(
    `${where}: that is no value of the primary key; ${pathsOf(type)} takes ${only?.holds ?? 'nothing'}`,
  )
}
