import { isPlainKey, type PlainKey, Remembered } from '../core/remembered'
import type { Subject } from '../core/subject'
import type { EntityGraph } from './entity-graph'
import type { EntityTarget } from './entity-class'
import { referenceKindOf, type RecordRef } from './record-ref'

/** One with three fragments takes 2 kB. */
const MAX_PER_GENERATION = 2_500

/**
 * The subjects of records that were named lately, by class and value of the key: to make them anew, with their keys, costs
 * several times what all the rest of a hit does. Not of instances, each of which has an age of its own.
 */
export class KnownSubjects {
  readonly #subjects = new Remembered<EntityTarget, readonly Subject[]>(MAX_PER_GENERATION)
  #graph: EntityGraph | undefined

  /** @param make makes them; those that it refuses are not remembered */
  of(graphNow: () => EntityGraph, on: unknown, make: () => readonly Subject[]): readonly Subject[] {
    const name = nameOf(on)
    if (name === undefined) return make()
    const graph = graphNow()
    // Names mean what they mean to the entities of a DataSource that was initialized.
    if (graph !== this.#graph) this.#subjects.clear()
    this.#graph = graph
    return this.#subjects.of(name.target, name.id, () =>
      make().map((one) => ({ ...one, made: new Map() })),
    )
  }
}

/** What `record(...)` made of a plain value; objects are keys of several parts, or may change. */
function nameOf(on: unknown): { readonly target: EntityTarget; readonly id: PlainKey } | undefined {
  if (typeof on !== 'object' || on === null || referenceKindOf(on) !== 'record') return undefined
  const { target, id } = on as RecordRef
  return isPlainKey(id) ? { target, id } : undefined
}
