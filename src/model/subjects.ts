import { InvalidSubjectError, MissingPrimaryKeyError } from '../core/errors'
import { Keyspace } from '../core/keyspace'
import { type InstanceOrigin, type Subject, type SubjectToken, wholesOf } from '../core/subject'
import { childrenList, type ChildrenList } from './children-list'
import type { EntityGraph } from './entity-graph'
import type { EntityTarget } from './entity-class'
import type { Column, EntityType } from './entity-type'
import { scalarText } from './key-text'
import { KnownSubjects } from './known-subjects'
import { parseOn, type ParsedChildren, type ParsedSubject } from './parse-on'
import { idFromEntity, idFromValue, missingKeysOf, type RecordId } from './record-id'
import type { FoundEntity } from './type-index'

/** Knows when instances were loaded. */
export interface Origins {
  originOf(instance: object): InstanceOrigin
}

export interface ResolveOptions {
  /** What of a record counts: everything that belongs to it, or its own row alone. */
  readonly half?: SubjectToken['half']
  /** Names the call in messages. */
  readonly where?: string
}

/** What is swept when it is named: a record, every record of a type, or a list. */
export type SubjectTarget =
  | { readonly kind: 'record'; readonly type: EntityType; readonly id: RecordId }
  | { readonly kind: 'type'; readonly type: EntityType }
  | {
      readonly kind: 'children'
      readonly key: string
      /** Whose records the list is of. */
      readonly of: EntityType
      /** The record whose list it is, as events call it. */
      readonly owner: string
    }

interface Identified extends FoundEntity {
  readonly id: RecordId
}

/** Finds the tokens that stand for what users give as `on`. No query, no round trip. */
export class SubjectResolver {
  readonly #graph: () => EntityGraph
  readonly #keyspace: Keyspace
  readonly #origins: Origins
  readonly #known = new KnownSubjects()

  constructor(graph: () => EntityGraph, keyspace: Keyspace, origins: Origins) {
    this.#graph = graph
    this.#keyspace = keyspace
    this.#origins = origins
  }

  /**
   * @throws {InvalidSubjectError} SWEEPER_INVALID_SUBJECT for what names no record, list or type of this DataSource
   * @throws {MissingPrimaryKeyError} SWEEPER_MISSING_PRIMARY_KEY for an instance that was not saved
   */
  resolve(on: unknown, { half = 'whole', where = 'on' }: ResolveOptions = {}): readonly Subject[] {
    const make = (): readonly Subject[] =>
      parseOn(on, where).map((parsed) => this.#resolve(parsed, half, where))
    const isKnown = half === 'whole' && !this.#keyspace.hasTenants
    return isKnown ? this.#known.of(this.#graph, on, make) : make()
  }

  /**
   * What to sweep for an `on`.
   *
   * @throws as `resolve` does
   */
  targets(on: unknown, where = 'on'): readonly SubjectTarget[] {
    return parseOn(on, where).map((parsed) => this.#target(parsed, where))
  }

  /** What these are called in events; a list goes by the record whose list it is. */
  labels(on: unknown): readonly string[] {
    return this.targets(on).map((target) => {
      if (target.kind === 'children') return target.owner
      const type = this.#keyspace.labelOf(target.type)
      return target.kind === 'type' ? type : `${type}:${target.id.text}`
    })
  }

  #target(parsed: ParsedSubject, where: string): SubjectTarget {
    switch (parsed.kind) {
      case 'record': {
        const { type } = this.#entityOf(parsed.target, where)
        return { kind: 'record', type, id: idFromValue(type, parsed.id) }
      }
      case 'instance': {
        const { type, id } = this.#identify(parsed.instance, where)
        return { kind: 'record', type, id }
      }
      case 'type':
        return { kind: 'type', type: this.#entityOf(parsed.target, where).type }
      case 'children': {
        const { type, id, child, list } = this.#list(parsed, where)
        return {
          kind: 'children',
          of: child,
          key: this.#keyspace.children(type.key, id.text, list),
          owner: `${this.#keyspace.labelOf(type)}:${id.text}`,
        }
      }
    }
  }

  #resolve(parsed: ParsedSubject, half: SubjectToken['half'], where: string): Subject {
    switch (parsed.kind) {
      case 'record': {
        const { type, metadata } = this.#entityOf(parsed.target, where)
        return this.#record({ type, metadata, id: idFromValue(type, parsed.id) }, half)
      }
      case 'instance':
        return this.#instance(parsed.instance, half, where)
      case 'type':
        return this.#type(this.#entityOf(parsed.target, where))
      case 'children':
        return this.#children(parsed, where)
    }
  }

  #record({ type, metadata, id }: Identified, half: SubjectToken['half']): Subject {
    const tag = Keyspace.recordTag(type.key, id.text)
    return {
      tag,
      label: `${this.#keyspace.labelOf(type)}:${id.text}`,
      tokens: [
        { key: this.#keyspace.record(type.key, id.text), half },
        ...this.#typeTokens(tag, type),
      ],
      attribute: undefined,
      instance: undefined,
      ttlMs: type.declarationFor(metadata).ttlMs,
    }
  }

  #instance(instance: object, half: SubjectToken['half'], where: string): Subject {
    const identified = this.#identify(instance, where)
    const named = this.#record(identified, half)
    const { using } = identified.type.declarationFor(identified.metadata)
    const attribute = using === undefined ? undefined : attributeOf(instance, using)
    return { ...named, attribute, instance: this.#origins.originOf(instance) }
  }

  #identify(instance: object, where: string): Identified {
    const entity = this.#graph().entityOfInstance(instance)
    if (entity === undefined) return refuseInstance(instance, where)
    const { type, metadata } = entity
    const id = idFromEntity(type, instance)
    if (id === undefined) {
      throw new MissingPrimaryKeyError(where, metadata.name, missingKeysOf(type, instance))
    }
    return { type, metadata, id }
  }

  #type({ type, metadata }: FoundEntity): Subject {
    const tag = Keyspace.typeTag(type.key)
    return {
      tag,
      label: this.#keyspace.labelOf(type),
      tokens: [
        { key: this.#keyspace.collection(type.key), half: 'whole' },
        ...this.#typeTokens(tag, type),
      ],
      attribute: undefined,
      instance: undefined,
      ttlMs: type.declarationFor(metadata).ttlMs,
    }
  }

  #list(
    { target, id: value, relation }: ParsedChildren,
    where: string,
  ): ChildrenList & { readonly type: EntityType; readonly id: RecordId } {
    const { type, metadata } = this.#entityOf(target, where)
    const list = childrenList(this.#graph(), metadata, relation, where)
    return { ...list, type, id: idFromValue(type, value) }
  }

  #children(parsed: ParsedChildren, where: string): Subject {
    const { type, id, child, list } = this.#list(parsed, where)
    return {
      tag: Keyspace.childrenTag(type.key, id.text, list),
      label: `${this.#keyspace.labelOf(type)}:${id.text}/${list}`,
      tokens: [
        { key: this.#keyspace.children(type.key, id.text, list), half: 'whole' },
        ...this.#typeTokens(Keyspace.recordTag(type.key, id.text), child),
      ],
      attribute: undefined,
      instance: undefined,
      ttlMs: child.declarationFor(child.metadata).ttlMs,
    }
  }

  #typeTokens(besideTag: string, { key }: EntityType): readonly SubjectToken[] {
    return wholesOf(this.#keyspace.typesBeside(besideTag, key))
  }

  #entityOf(target: EntityTarget, where: string): FoundEntity {
    const found = this.#graph().entityOfTarget(target)
    if (found !== undefined) return found
    const name = typeof target === 'function' ? target.name : target.options.name
    throw new InvalidSubjectError(
      `${where}: ${name === '' ? 'a function without a name' : name} is no entity of this DataSource; list it in its entities`,
    )
  }
}

/** The value of the `using` property; undefined where it was not loaded. */
function attributeOf(instance: object, using: Column): string | undefined {
  const value: unknown = using.getEntityValue(instance)
  return value == null ? undefined : (scalarText(value) ?? JSON.stringify(value))
}

function refuseInstance(instance: object, where: string): never {
  if (instance instanceof Promise) {
    throw new InvalidSubjectError(`${where}: a promise is no record; await it first`)
  }
  const name = classNameOf(instance)
  const what =
    name === undefined
      ? 'a plain object does not tell its entity'
      : `${name} is no entity of this DataSource`
  throw new InvalidSubjectError(`${where}: ${what}; name the record with record(Entity, id)`)
}

/** Undefined for plain objects: rows of an `EntitySchema`, results of raw queries. */
function classNameOf(instance: object): string | undefined {
  const prototype: unknown = Object.getPrototypeOf(instance)
  if (prototype === null || prototype === Object.prototype) return undefined
  const { constructor } = prototype as { constructor?: { name?: unknown } }
  return typeof constructor?.name === 'string' && constructor.name !== '' ? constructor.name : 'it'
}
