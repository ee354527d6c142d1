import type { QueryRunner } from 'typeorm'
import type { Keyspace } from '../core/keyspace'
import type { EntityGraph } from '../model/entity-graph'
import { isAborted } from '../sweep/database-answer'
import type { Frame } from '../sweep/frame'
import { sweepsOf } from '../sweep/frame-sweeps'
import type { Recorder } from '../sweep/recorder'
import type { UnitOfWork } from '../sweep/unit-of-work'
import type { Deliveries } from './deliveries'
import type { OutboxTable } from './outbox-table'
import { encodeSweep, type RecordedRecord } from './recorded-sweep'

export interface RecordingParts {
  readonly graph: EntityGraph
  readonly keyspace: Keyspace
  readonly table: OutboxTable
  readonly deliveries: Deliveries
  /** Told once a sweep could not be recorded after the fact. */
  warn(message: string): void
}

/** How often a writer looks whether somebody has delivered its sweep. */
const LOOK_EVERY_MS = 50

/** Writes the rows of the outbox on the query runner of the transaction they belong to. */
export class Recording implements Recorder {
  readonly #parts: RecordingParts

  constructor(parts: RecordingParts) {
    this.#parts = parts
  }

  /** 1 INSERT; more only above two hundred tokens. */
  async record(unit: UnitOfWork, frame: Frame): Promise<void> {
    try {
      await this.#insert(unit, frame)
    } catch (error) {
      // Nothing of it will be committed.
      if (isAborted(error)) return
      unit.refusal = error
      throw error
    }
  }

  async recordLate(unit: UnitOfWork, frame: Frame): Promise<void> {
    try {
      await this.#insert(unit, frame)
    } catch (error) {
      // The row is committed: nothing may reject now. What is left is this process's own memory of the sweep.
      this.#parts.warn(
        `outbox: a sweep could not be recorded after its statement (${error instanceof Error ? error.name : 'unknown error'})`,
      )
    }
  }

  delivered({ recorded }: UnitOfWork): void {
    this.#parts.deliveries.acknowledge(recorded)
  }

  async deliveredWithin({ runner, recorded }: UnitOfWork, ms: number): Promise<boolean> {
    const end = performance.now() + ms
    if (recorded.length === 0 || runner.isReleased) return false
    while (performance.now() < end) {
      await new Promise((resolve) => {
        setTimeout(resolve, Math.min(LOOK_EVERY_MS, end - performance.now()))
      })
      if (!(await this.#isWaiting(runner, recorded))) return true
    }
    return false
  }

  async #insert(unit: UnitOfWork, frame: Frame): Promise<void> {
    const { table, graph } = this.#parts
    // Migrations and synchronize(): the table comes with them, or goes.
    if (unit.definesTables && !(await table.exists(unit.runner))) return
    const tokens = sweepsOf(this.#parts, frame)
    const records: RecordedRecord[] = []
    for (const { type, id } of [...frame.changed.values(), ...frame.reached.values()])
      if (graph.linksFrom(type).length > 0) records.push({ type: type.key, id: id.map })
    const { tenant } = this.#parts.keyspace
    const named =
      tenant === null || tenant === '' ? { tokens, records } : { tokens, records, tenant }
    for (const text of encodeSweep(named)) unit.recorded.push(await table.insert(unit.runner, text))
  }

  async #isWaiting(runner: QueryRunner, ids: readonly number[]): Promise<boolean> {
    try {
      return await this.#parts.table.has(runner, ids)
    } catch {
      // The connection is gone and nothing can be learned through it: the row is there for others.
      return true
    }
  }
}
