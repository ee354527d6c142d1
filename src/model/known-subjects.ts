import type { Subject } from '../core/subject'
import type { EntityGraph } from './entity-graph'
import type { EntityTarget } from './entity-class'
import { referenceKindOf, type RecordRef } from './record-ref'

/** Two generations of at most as many; one with three fragments takes 2 kB. */
const MAX_PER_GENERATION = 2_500

type Id = string | number | bigint
type Generation = Map<EntityTarget, Map<Id, readonly Subject[]>>

/**
 * The subjects of records that were named lately, by class and value of the key: to make them anew, with their keys, costs
 * several times what all the rest of a hit does. Not of instances, each of which has an age of its own.
 */
export class KnownSubjects {
  #graph: EntityGraph | undefined
  #young: Generation = new Map()
  #old: Generation = new Map()
  #count = 0

  /** @param make makes them; those that it refuses are not remembered */
  of(graphNow: () => EntityGraph, on: unknown, make: () => readonly Subject[]): readonly Subject[] {
    const name = nameOf(on)
    if (name === undefined) return make()
    const graph = graphNow()
    if (graph !== this.#graph) this.#forget(graph)
    const { target, id } = name
    const young = this.#young.get(target)?.get(id)
    if (young !== undefined) return young
    const subjects =
      this.#old.get(target)?.get(id) ?? make().map((one) => ({ ...one, made: new Map() }))
    this.#keep(target, id, subjects)
    return subjects
  }

  #keep(target: EntityTarget, id: Id, subjects: readonly Subject[]): void {
    if (this.#count >= MAX_PER_GENERATION) {
      this.#old = this.#young
      this.#young = new Map()
      this.#count = 0
    }
    let ofTarget = this.#young.get(target)
    if (ofTarget === undefined) this.#young.set(target, (ofTarget = new Map()))
    ofTarget.set(id, subjects)
    this.#count++
  }

  /** Names mean what they mean to the entities of a DataSource that was initialized. */
  #forget(graph: EntityGraph): void {
    this.#graph = graph
    this.#young = new Map()
    this.#old = new Map()
    this.#count = 0
  }
}

/** What `record(...)` made of a plain value; objects are keys of several parts, or may change. */
function nameOf(on: unknown): { readonly target: EntityTarget; readonly id: Id } | undefined {
  if (typeof on !== 'object' || on === null || referenceKindOf(on) !== 'record') return undefined
  const { target, id } = on as RecordRef
  return isPlain(id) ? { target, id } : undefined
}

function isPlain(id: unknown): id is Id {
  return typeof id === 'number' || typeof id === 'string' || typeof id === 'bigint'
}
