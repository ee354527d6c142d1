import type { DataSource } from 'typeorm'
import type { Events } from '../core/events'
import { isSweeperError } from '../core/errors'
import type { Keyspace } from '../core/keyspace'
import type { SweeperEvents } from '../core/sweeper-events'
import type { EntityGraph } from '../model/entity-graph'
import type { CollectingParts } from '../sweep/collecting'
import type { Recorder } from '../sweep/recorder'
import type { Sweeps } from '../version/sweeps'
import { Deliveries } from './deliveries'
import { Delivery } from './delivery'
import { Notifications } from './notifications'
import { OutboxTable } from './outbox-table'
import { Poller } from './poller'
import { Recording } from './recording'

export interface OutboxOptions {
  readonly pollEveryMs: number
  /** Rows that are delivered at once. */
  readonly batch: number
  /** Whether rows are told of by NOTIFY. */
  readonly notify: boolean
}

export interface OutboxParts {
  readonly dataSource: DataSource
  readonly namespace: string
  readonly keyspace: Keyspace
  readonly sweeps: Sweeps
  readonly events: Events<SweeperEvents>
  collecting(): CollectingParts | undefined
  warn(message: string): void
}

/** Durable sweeps: recorded in the database, delivered by whichever process of the application can. */
export class Outbox {
  readonly #parts: OutboxParts
  readonly #table: OutboxTable
  readonly #deliveries: Deliveries
  readonly #poller: Poller
  readonly #notifications: Notifications | undefined

  constructor(parts: OutboxParts, { pollEveryMs, batch, notify }: OutboxOptions) {
    const { dataSource, namespace, warn } = parts
    const table = new OutboxTable(dataSource, namespace, notify)
    const delivery = new Delivery({ ...parts, table, batch, collecting: () => parts.collecting() })
    this.#parts = parts
    this.#table = table
    this.#deliveries = new Deliveries(dataSource, table)
    this.#poller = new Poller({
      everyMs: pollEveryMs,
      look: () => delivery.look(),
      onError: (error) => warn(`outbox: sweeps of others cannot be delivered; ${causeOf(error)}`),
    })
    const notified = (): void => this.#poller.soon()
    this.#notifications = notify ? new Notifications({ dataSource, notified }) : undefined
  }

  recorder(graph: EntityGraph): Recorder {
    const { keyspace } = this.#parts
    return new Recording({
      graph,
      keyspace,
      table: this.#table,
      deliveries: this.#deliveries,
      warn: (message) => this.#parts.warn(message),
    })
  }

  /** When the DataSource is initialized. Waits for nothing. */
  start(): void {
    this.#poller.start()
    this.#notifications?.start()
  }

  /** Lets what is under way end, for at most this long. What is left is delivered by others. */
  async close(withinMs: number): Promise<void> {
    this.#deliveries.close()
    const ended = Promise.all([
      this.#poller.close(),
      this.#deliveries.flush(),
      this.#notifications?.close(),
    ])
    await Promise.race([ended, timeUp(withinMs)])
  }
}

function timeUp(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms).unref()
  })
}

function causeOf(error: unknown): string {
  if (isSweeperError(error)) return error.message
  return error instanceof Error ? error.name : 'unknown error'
}
