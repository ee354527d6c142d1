import type { DataSource, QueryRunner } from 'typeorm'
import type { Events } from '../core/events'
import type { SweeperEvents } from '../core/sweeper-events'
import type { CollectingParts } from '../sweep/collecting'
import type { Sweeps } from '../version/sweeps'
import type { OutboxTable } from './outbox-table'
import { resolveRows } from './resolving'

export interface DeliveryParts {
  readonly dataSource: DataSource
  readonly table: OutboxTable
  readonly sweeps: Sweeps
  readonly events: Events<SweeperEvents>
  /** Undefined while the entities are not known. */
  collecting(): CollectingParts | undefined
  readonly batch: number
}

/** Tokens in one call to the store. */
const MAX_TOKENS = 1000

/**
 * Delivers sweeps that were left in the table by whoever wrote them: a process that died or lost the store, or a
 * trigger. Rows are claimed, swept and deleted in one transaction, so that they are back when
 * this process dies in the middle; a sweep too many costs a miss.
 */
export class Delivery {
  readonly #parts: DeliveryParts
  /** The last row that the look before this one has seen: what is older was not delivered by its writer at once. */
  #seen = 0

  constructor(parts: DeliveryParts) {
    this.#parts = parts
  }

  /** One look: 1 query where nothing waits. Rejects as the database does. */
  async look(): Promise<void> {
    const { dataSource, table } = this.#parts
    const collecting = this.#parts.collecting()
    if (!dataSource.isInitialized || collecting === undefined) return
    const runner = dataSource.createQueryRunner('master')
    try {
      const waiting = await table.waiting(runner)
      const upTo = this.#seen
      this.#seen = waiting?.last ?? 0
      if (waiting === undefined || waiting.first > upTo) return
      while (await this.#batch(runner, collecting, upTo));
    } finally {
      await runner.release()
    }
  }

  /** @returns whether there may be more that can be delivered now */
  async #batch(runner: QueryRunner, collecting: CollectingParts, upTo: number): Promise<boolean> {
    const { table, batch, events } = this.#parts
    const startedMs = performance.now()
    // This process knows of sweeps that the store did not take: they are tried again at their own pace.
    if (!this.#parts.sweeps.isTrusted) return false
    await table.begin(runner)
    let isOpen = true
    try {
      const rows = await table.claim(runner, upTo, batch)
      if (rows.length === 0) return false
      const { tokens, failed } = await resolveRows(collecting, runner, rows)
      if (failed) {
        await table.end(runner, 'ROLLBACK')
        isOpen = false
      }
      if (!(await this.#sweep(tokens))) return false
      const ids = rows.map(({ id }) => id)
      await table.delete(runner, ids)
      const durationMs = performance.now() - startedMs
      events.emit('outbox-delivery', () => ({ rows: rows.length, durationMs }))
      return rows.length === batch
    } catch (error) {
      if (isOpen) await this.#rollback(runner)
      isOpen = false
      throw error
    } finally {
      if (isOpen) await table.end(runner, 'COMMIT')
    }
  }

  async #sweep(tokens: CollectedTokens): Promise<boolean> {
    for (let start = 0; start < tokens.length; start += MAX_TOKENS) {
      const some = tokens.slice(start, start + MAX_TOKENS)
      if ((await this.#parts.sweeps.sweep(some, undefined)) === undefined) return false
    }
    return true
  }

  async #rollback(runner: QueryRunner): Promise<void> {
    try {
      await this.#parts.table.end(runner, 'ROLLBACK')
    } catch {
      // The connection is gone, and the transaction with it; the first error says why.
    }
  }
}

type CollectedTokens = Parameters<Sweeps['sweep']>[0]
