import type { EntitySchema } from 'typeorm'
import type { EntityClass, EntityTarget, PropertyPath } from './entity-class'

/** The value of a primary key of one column. */
export type KeyValue = string | number | bigint | boolean | Date | Uint8Array

/** A primary key: its value, or an object with its parts. */
export type RecordKey<E extends object = object> =
  KeyValue | { readonly [Property in keyof E]?: unknown }

/** Two copies of this package know each other's references. */
const REFERENCE: unique symbol = Symbol.for('typeorm-sweeper.reference')

/** Names a record. */
export interface RecordRef<E extends object = object> {
  readonly [REFERENCE]: 'record'
  readonly target: EntityTarget<E>
  readonly id: RecordKey<E>
}

/** Names the list of a record's children. */
export interface ChildrenRef<E extends object = object> {
  readonly [REFERENCE]: 'children'
  readonly target: EntityTarget<E>
  readonly id: RecordKey<E>
  readonly relation: string
}

/** An entity that was loaded or saved. A promise of one is none: it has to be awaited. Nor are lists and maps. */
type EntityInstance = object & { readonly then?: never; readonly [Symbol.iterator]?: never }

/** What a cached value is about: a record, in the hand or by name; a record's list of children; any record of a type. */
export type OnSubject =
  | EntityInstance
  | RecordRef
  | ChildrenRef
  | EntityClass
  | EntitySchema
  | readonly [EntityTarget, string | number | bigint | Date]

/** One subject or several. `[Comment, 17]` is one: the record 17; every other array is a list. */
export type On = OnSubject | readonly OnSubject[]

/**
 * Names a record without loading it.
 *
 * @param id the primary key's value, or an object for composite and embedded keys
 * @example
 * record(Comment, 17)
 * record(OrderLine, { orderNo: 7, lineNo: 1 })
 */
export function record<E extends object>(
  target: EntityTarget<E>,
  id: RecordKey<NoInfer<E>>,
): RecordRef<E> {
  return { [REFERENCE]: 'record', target, id }
}

/**
 * Names a record's list of children. It moves when a child is inserted, removed, changed, or moved here or away;
 * the record itself may stay as it is. The child's `dependsOn` has to name the way back (`article`).
 *
 * @param relation a one-to-many property
 * @example
 * children(Article, 7, 'comments')
 */
export function children<E extends object>(
  target: EntityTarget<E>,
  id: RecordKey<NoInfer<E>>,
  relation: PropertyPath<NoInfer<E>>,
): ChildrenRef<E> {
  return { [REFERENCE]: 'children', target, id, relation }
}

/** @internal What a reference is of; undefined for everything that is none. */
export function referenceKindOf(value: object): 'record' | 'children' | undefined {
  return REFERENCE in value ? (value as RecordRef | ChildrenRef)[REFERENCE] : undefined
}
