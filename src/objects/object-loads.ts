import type { Load } from '../cache/load'
import { unprovenBecause } from '../cache/provenance'
import type { Keyspace } from '../core/keyspace'
import type { Subject } from '../core/subject'
import type { EntityGraph } from '../model/entity-graph'
import type { StoreClock } from '../store/store'
import { HeldRecords } from './held-records'
import type { ObjectQuery } from './object-query'
import { tuplesOf, type LoadedRows } from './row-tuples'

export interface ObjectLoad {
  readonly query: ObjectQuery
  /** Whether it was asked for by its key, so that its own token is known before. */
  readonly byKey: boolean
  read(): Promise<LoadedRows>
}

export interface ObjectLoadsParts {
  readonly keyspace: Keyspace
  graph(): EntityGraph
  clock(): StoreClock | undefined
}

/** Loads what is missing, under the tokens of everything that is in it. */
export class ObjectLoads {
  readonly #parts: ObjectLoadsParts

  constructor(parts: ObjectLoadsParts) {
    this.#parts = parts
  }

  /**
   * Which records an object has in it is known when it is there; their tokens have to be known before. Where all of
   * them were born before the load, they are what they were then. Else they are pinned now, and it is loaded again.
   */
  async run(load: Load<readonly Subject[]>, { query, byKey, read }: ObjectLoad): Promise<unknown> {
    const first = await read()
    if (load.isSkipped || (byKey && query.joined.length === 0)) return tuplesOf(first)
    const held = await this.#heldIn(query, first)
    await load.dependsOn(held)
    if (load.isSkipped || this.#isProven(load, held, first)) return tuplesOf(first)
    const second = await read()
    const pinned = new Set(held.map(({ tag }) => tag))
    const further = (await this.#heldIn(query, second)).filter(({ tag }) => !pinned.has(tag))
    if (further.length > 0) await load.dependsOn(further)
    if (!this.#isProven(load, further, second)) load.unpin()
    return tuplesOf(second)
  }

  /** Whether nothing of this was written between the load and the pinning of its tokens. */
  #isProven(
    load: Load<readonly Subject[]>,
    subjects: readonly Subject[],
    { loadedAtMs }: LoadedRows,
  ): boolean {
    const unproven = unprovenBecause(
      subjects.map((one) => ({ ...one, instance: { loadedAtMs, inTransaction: false } })),
      (key) => load.addedState(key),
      this.#parts.clock(),
    )
    return unproven === undefined
  }

  async #heldIn(query: ObjectQuery, { rows }: LoadedRows): Promise<readonly Subject[]> {
    return this.#held().of(query, await query.inspect(rows))
  }

  #held(): HeldRecords {
    return new HeldRecords(this.#parts.graph(), this.#parts.keyspace)
  }
}
