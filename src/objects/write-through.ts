import type { EntityMetadata, QueryRunner } from 'typeorm'
import type { EntityGraph } from '../model/entity-graph'
import type { EntityType } from '../model/entity-type'
import type { RecordId } from '../model/record-id'
import type { Objects } from './objects'

/** A record that was written and swept. */
export interface Written {
  readonly type: EntityType
  readonly id: RecordId
  /** False when only rows that point at it were written. */
  readonly row: boolean
}

export interface WriteThroughParts {
  readonly objects: Pick<Objects, 'refresh'>
  graph(): EntityGraph
  metadatas(): readonly EntityMetadata[]
  onFault(error: unknown): void
}

/** More records of one type than this in one unit of work are left to those who ask for them. */
const MAX_PER_TYPE = 100

/**
 * Puts objects into the cache when they were written, of entities that declare `writeThrough`.
 *
 * What the writer has in its hand proves nothing: another one may have committed since, in an order that the arrival
 * of two cache writes does not tell. So the object is read again after COMMIT, under tokens that were pinned before:
 * then it is right whoever else writes, or a miss (consistency H15).
 */
export class WriteThrough {
  readonly #parts: WriteThroughParts

  constructor(parts: WriteThroughParts) {
    this.#parts = parts
  }

  /** After the sweep, on the writer's own connection: 1 query per class that declares it. Never rejects. */
  async written(records: readonly Written[], runner: QueryRunner): Promise<void> {
    const perType = new Map<EntityType, RecordId[]>()
    for (const { type, id, row } of records) {
      const ids = perType.get(type) ?? []
      if (row) perType.set(type, ids)
      if (row) ids.push(id)
    }
    try {
      for (const [type, ids] of perType)
        if (ids.length <= MAX_PER_TYPE)
          for (const metadata of this.#declaredOf(type))
            await this.#parts.objects.refresh({ type, metadata }, ids, runner)
    } catch (error) {
      // It was swept: whoever asks for it loads it.
      this.#parts.onFault(error)
    }
  }

  /** The entities of a table that are written through; several for single-table inheritance. */
  #declaredOf(type: EntityType): readonly EntityMetadata[] {
    const graph = this.#parts.graph()
    return this.#parts
      .metadatas()
      .filter(
        (metadata) => graph.typeOf(metadata) === type && type.declarationFor(metadata).writeThrough,
      )
  }
}
