import { InstanceChecker } from 'typeorm'
import { InvalidSubjectError, quoted } from '../core/errors'
import type { EntityTarget } from './entity-class'
import { referenceKindOf, type ChildrenRef, type RecordRef } from './record-ref'

export interface ParsedChildren {
  readonly kind: 'children'
  readonly target: EntityTarget
  readonly id: unknown
  readonly relation: string
}

/** One subject of an `on`, told apart without a DataSource. */
export type ParsedSubject =
  | ParsedChildren
  | { readonly kind: 'record'; readonly target: EntityTarget; readonly id: unknown }
  | { readonly kind: 'type'; readonly target: EntityTarget }
  | { readonly kind: 'instance'; readonly instance: object }

/**
 * Reads what was given as `on`. An empty list is an empty list: what that means is the caller's business.
 *
 * @param where names the call in messages
 * @throws {InvalidSubjectError} SWEEPER_INVALID_SUBJECT for everything that names nothing
 */
export function parseOn(on: unknown, where = 'on'): readonly ParsedSubject[] {
  if (Array.isArray(on) && !isShorthand(on)) {
    return on.map((one: unknown) => parseOne(one, where))
  }
  return [parseOne(on, where)]
}

function parseOne(value: unknown, where: string): ParsedSubject {
  if (isTarget(value)) return { kind: 'type', target: value }
  if (typeof value !== 'object' || value === null) return refuse(value, where)
  if (Array.isArray(value)) return parseShorthand(value, where)
  switch (referenceKindOf(value)) {
    case 'record': {
      const { target, id } = value as RecordRef
      return { kind: 'record', target: targetOf(target, where), id }
    }
    case 'children': {
      const { target, id, relation } = value as ChildrenRef
      return { kind: 'children', target: targetOf(target, where), id, relation }
    }
    case undefined:
      return { kind: 'instance', instance: value }
  }
}

function parseShorthand(value: readonly unknown[], where: string): ParsedSubject {
  if (isShorthand(value)) return { kind: 'record', target: value[0], id: value[1] }
  throw new InvalidSubjectError(
    `${where}: an array inside a list is no subject unless it is [Entity, id]; name records with record(Entity, id)`,
  )
}

/** `[Comment, 17]`: a record. `[Comment, article]` and `[Comment, Article]` are lists. */
function isShorthand(value: readonly unknown[]): value is readonly [EntityTarget, unknown] {
  return value.length === 2 && isTarget(value[0]) && isPlainKey(value[1])
}

function isPlainKey(value: unknown): boolean {
  return ['string', 'number', 'bigint'].includes(typeof value) || value instanceof Date
}

function isTarget(value: unknown): value is EntityTarget {
  return typeof value === 'function' || InstanceChecker.isEntitySchema(value)
}

function targetOf(target: unknown, where: string): EntityTarget {
  if (isTarget(target)) return target
  throw new InvalidSubjectError(
    `${where}: record(${quoted(target)}, ...) names no entity; give its class or its EntitySchema`,
  )
}

function refuse(value: unknown, where: string): never {
  throw new InvalidSubjectError(
    `${where}: ${quoted(value)} names no record; name one with record(Entity, id)`,
  )
}
