import { Keyspace } from '../core/keyspace'
import { type Subject, type SubjectToken, wholesOf } from '../core/subject'
import type { EntityGraph } from '../model/entity-graph'
import type { EntityType, Relation } from '../model/entity-type'
import { idFromEntity, type RecordId } from '../model/record-id'
import type { Joined, ObjectQuery } from './object-query'

/** More records of one type than this are stood for by the token of all of them. */
const MAX_PER_TYPE = 100

/**
 * What an object that was loaded with its relations depends on: each record in it, and who belongs to its lists.
 * Of a record its own row counts, of a type the rows in its table: what is declared to belong to them is not in it.
 */
export class HeldRecords {
  readonly #graph: EntityGraph
  readonly #keyspace: Keyspace

  constructor(graph: EntityGraph, keyspace: Keyspace) {
    this.#graph = graph
    this.#keyspace = keyspace
  }

  /** @param root what was found; null depends on all that could have let it appear */
  of(query: ObjectQuery, root: object | null): readonly Subject[] {
    const held = new Map<string, Subject>()
    const add = (one: Subject): unknown => held.set(one.tag, one)
    if (root === null) {
      add(this.#anyOf(query.type))
      this.#addTypes(query.joined, add)
      return [...held.values()]
    }
    const perType = new Map<EntityType, Subject[]>()
    this.#collect(query.type, root, query.joined, { add, perType })
    for (const [type, records] of perType)
      for (const one of records.length > MAX_PER_TYPE ? [this.#anyOf(type)] : records) add(one)
    return [...held.values()]
  }

  #addTypes(joined: readonly Joined[], add: (subject: Subject) => unknown): void {
    for (const { relation, beyond } of joined) {
      add(this.#anyOf(this.#targetOf(relation)))
      this.#addTypes(beyond, add)
    }
  }

  #collect(type: EntityType, entity: object, joined: readonly Joined[], into: Collected): void {
    const id = idFromEntity(type, entity)
    if (id === undefined) return
    const records = into.perType.get(type) ?? []
    into.perType.set(type, records)
    records.push(this.#record(type, id, 'row'))
    for (const { relation, beyond } of joined) {
      const value: unknown = relation.getEntityValue(entity)
      // A relation of another child of a single-table inheritance.
      if (value === undefined) continue
      const target = this.#targetOf(relation)
      for (const one of this.#memberships(relation, { type, id, isEmpty: value === null }))
        into.add(one)
      for (const one of Array.isArray(value) ? (value as readonly unknown[]) : [value])
        if (typeof one === 'object' && one !== null) this.#collect(target, one, beyond, into)
    }
  }

  /** What changes when another record comes to stand behind a relation, beside the row itself. */
  #memberships(relation: Relation, { type, id, isEmpty }: Owner): readonly Subject[] {
    const target = this.#targetOf(relation)
    const appearing = mayAppear(relation) ? [this.#anyOf(target)] : []
    if (relation.isManyToMany) return [this.#pairsOf(relation, { type, id, target }), ...appearing]
    if (relation.isWithJoinColumn) return isEmpty ? appearing : []
    const link = target.links.find(
      (one) => one.kind === 'foreign-key' && one.relation === relation.inverseRelation,
    )
    const list = link && this.#graph.childrenListOf(link)
    if (list === undefined) return [this.#anyOf(target)]
    const tokens: readonly SubjectToken[] = [
      { key: this.#keyspace.children(type.key, id.text, list), half: 'whole' },
      ...this.#typeTokens(Keyspace.recordTag(type.key, id.text), target.key),
    ]
    return [subject(Keyspace.childrenTag(type.key, id.text, list), tokens)]
  }

  #targetOf({ inverseEntityMetadata }: Relation): EntityType {
    const type = this.#graph.typeOf(inverseEntityMetadata)
    if (type === undefined) throw new Error(`${inverseEntityMetadata.name} holds no records`)
    return type
  }

  /** A sweep of either end where a `dependsOn` names the relation; else any pair of the table. */
  #pairsOf({ junctionEntityMetadata }: Relation, { type, id, target }: PairOwner): Subject {
    const junction = junctionEntityMetadata && this.#graph.junctionOf(junctionEntityMetadata)
    if (junction === undefined || junction.isDeclared) return this.#record(type, id, 'whole')
    const { tablePath } = junction.metadata
    const tag = Keyspace.typeTag(tablePath)
    return subject(tag, [
      { key: this.#keyspace.collection(tablePath), half: 'whole' },
      ...this.#typeTokens(tag, tablePath),
      ...this.#typeTokens(tag, type.key),
      ...this.#typeTokens(tag, target.key),
    ])
  }

  #record(type: EntityType, id: RecordId, half: SubjectToken['half']): Subject {
    const tag = Keyspace.recordTag(type.key, id.text)
    return subject(half === 'row' ? tag : `${tag} whole`, [
      { key: this.#keyspace.record(type.key, id.text), half },
      ...this.#typeTokens(tag, type.key),
    ])
  }

  /** Any row of a type. */
  #anyOf(type: EntityType): Subject {
    const tag = Keyspace.typeTag(type.key)
    return subject(tag, [
      { key: this.#keyspace.collection(type.key), half: 'row' },
      ...this.#typeTokens(tag, type.key),
    ])
  }

  #typeTokens(besideTag: string, type: string): readonly SubjectToken[] {
    return wholesOf(this.#keyspace.typesBeside(besideTag, type))
  }
}

interface Collected {
  readonly perType: Map<EntityType, Subject[]>
  add(subject: Subject): unknown
}

interface PairOwner {
  readonly type: EntityType
  readonly id: RecordId
  readonly target: EntityType
}

interface Owner {
  readonly type: EntityType
  readonly id: RecordId
  readonly isEmpty: boolean
}

function subject(tag: string, tokens: readonly SubjectToken[]): Subject {
  // Told to nobody: what is shown is what was asked for.
  return { tag, label: tag, tokens, attribute: undefined, instance: undefined, ttlMs: undefined }
}

/** Whether a key may name a row that a join does not find now and finds later, the key staying as it is. */
function mayAppear({
  inverseEntityMetadata: target,
  createForeignKeyConstraints,
}: Relation): boolean {
  return (
    !createForeignKeyConstraints ||
    target.deleteDateColumn !== undefined ||
    target.tableType === 'entity-child'
  )
}
