import type { EntityMetadata } from 'typeorm'
import type { EntityType } from '../model/entity-type'
import { idFromEntity, type RecordId } from '../model/record-id'
import { changedBy, noteParents, noteWholeType, type CollectingParts } from './collecting'
import { endsTransaction } from './database-answer'
import type { Operation } from './frame'
import type { UnitOfWork } from './unit-of-work'

/** One row that a stage of `save()`, `softRemove()` or `recover()` is about to write, or has written. */
export interface StageRow {
  readonly metadata: EntityMetadata
  /** The row as the database had it: its key is the true one. */
  readonly databaseEntity: object
  readonly operation: Operation
  /** Whether a foreign key changes, as far as the hook can tell. */
  readonly moves: boolean
}

interface Batch {
  readonly rows: StageRow[]
  readonly done: Promise<void>
}

/**
 * Looks at all rows of a stage together. TypeORM calls the hooks of one stage in a loop and then waits for all of
 * them (typeorm facts T4), so what they note in that loop is complete at the next microtask: a save of a thousand
 * changed rows makes one look after it (and one before it for the rows that move), not a thousand.
 */
export class Stages {
  readonly #parts: CollectingParts
  readonly #batches = {
    before: new WeakMap<UnitOfWork, Batch>(),
    after: new WeakMap<UnitOfWork, Batch>(),
  }

  constructor(parts: CollectingParts) {
    this.#parts = parts
  }

  /** Announces a row, so that its own statement needs no look; old parents of moving rows are read. */
  before(unit: UnitOfWork, row: StageRow): Promise<void> {
    this.#announce(unit, row)
    return row.moves ? this.#batch('before', unit, row) : Promise.resolve()
  }

  /** Notes a written row and what it belongs to now. */
  after(unit: UnitOfWork, row: StageRow): Promise<void> {
    return this.#batch('after', unit, row)
  }

  #announce(unit: UnitOfWork, row: StageRow): void {
    const found = this.#identify(row)
    if (found === undefined) return
    const { key } = this.#parts.parents.record(found.type, found.id)
    const known = unit.announced.get(key)
    if (known === undefined) unit.announced.set(key, { statements: 1, oldParentsKnown: row.moves })
    else {
      known.statements++
      known.oldParentsKnown ||= row.moves
    }
  }

  #batch(when: 'before' | 'after', unit: UnitOfWork, row: StageRow): Promise<void> {
    const batches = this.#batches[when]
    const open = batches.get(unit)
    if (open !== undefined) {
      open.rows.push(row)
      return open.done
    }
    const rows = [row]
    const done = Promise.resolve().then(() => {
      batches.delete(unit)
      return this.#look(when, unit, rows)
    })
    batches.set(unit, { rows, done })
    return done
  }

  async #look(
    when: 'before' | 'after',
    unit: UnitOfWork,
    rows: readonly StageRow[],
  ): Promise<void> {
    const frame = unit.pending.top
    for (const [type, found] of this.#byType(rows)) {
      try {
        await this.#lookAt(when, unit, type, found)
      } catch (error) {
        if (endsTransaction(error)) throw error
        const name = error instanceof Error ? error.name : 'unknown error'
        noteWholeType(this.#parts, frame, type, `its rows could not be read (${name})`)
      }
    }
  }

  async #lookAt(
    when: 'before' | 'after',
    unit: UnitOfWork,
    type: EntityType,
    found: readonly { readonly id: RecordId; readonly operation: Operation }[],
  ): Promise<void> {
    const { parents, rows, database } = this.#parts
    const frame = unit.pending.top
    const records = found.map(({ id, operation }) => changedBy(this.#parts, type, id, operation))
    const ids = found.map(({ id }) => id)
    if (when === 'before') {
      const links = parents.foreignKeysOf(type)
      const old = await rows.rowsOf(unit.runner, type, links, ids, database.lock)
      noteParents(this.#parts, frame, records, await parents.ofRows(unit.runner, type, old))
      return
    }
    for (const record of records) {
      frame.addChanged(record)
      const announced = unit.announced.get(record.key)
      if (announced !== undefined && --announced.statements <= 0) unit.announced.delete(record.key)
    }
    noteParents(this.#parts, frame, records, await parents.ofRecords(unit.runner, type, ids))
  }

  #byType(
    rows: readonly StageRow[],
  ): ReadonlyMap<EntityType, { readonly id: RecordId; readonly operation: Operation }[]> {
    const grouped = new Map<EntityType, { id: RecordId; operation: Operation }[]>()
    for (const row of rows) {
      const found = this.#identify(row)
      if (found === undefined) continue
      const one = { id: found.id, operation: row.operation }
      const same = grouped.get(found.type)
      if (same === undefined) grouped.set(found.type, [one])
      else same.push(one)
    }
    return grouped
  }

  #identify(row: StageRow): { readonly type: EntityType; readonly id: RecordId } | undefined {
    const type = this.#parts.graph.typeOf(row.metadata)
    const id = type && idFromEntity(type, row.databaseEntity)
    return type === undefined || id === undefined ? undefined : { type, id }
  }
}
