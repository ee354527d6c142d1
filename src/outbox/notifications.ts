import type { DataSource, QueryRunner } from 'typeorm'
import { queryUnseen } from '../sweep/own-statements'
import { OUTBOX_CHANNEL } from './outbox-table'

const FIRST_RETRY_MS = 100
const LAST_RETRY_MS = 30_000

/** As much of a client of `pg` as is used here. */
interface ListeningClient {
  on(event: 'notification' | 'error' | 'end', listener: () => void): unknown
  removeListener(event: 'notification' | 'error' | 'end', listener: () => void): unknown
}

interface Listening {
  readonly runner: QueryRunner
  readonly client: ListeningClient
}

export interface NotificationsParts {
  readonly dataSource: DataSource
  /** Somebody has committed a row, or may have while nobody listened. */
  notified(): void
}

/**
 * Hears of committed rows by `LISTEN`, on a connection of the pool that it keeps. A hint and no more: what it does not
 * hear, the looks find. A connection that is lost is taken anew after 0.1 s, then at growing pauses up to 30 s.
 */
export class Notifications {
  readonly #parts: NotificationsParts
  #listening: Listening | undefined
  #beginning: Promise<void> | undefined
  #timer: NodeJS.Timeout | undefined
  #retryMs = FIRST_RETRY_MS
  #isClosed = false

  constructor(parts: NotificationsParts) {
    this.#parts = parts
  }

  /** Waits for nothing, and never rejects. */
  start(): void {
    if (this.#isClosed || this.#listening !== undefined) return
    this.#beginning ??= this.#begin().finally(() => {
      this.#beginning = undefined
    })
  }

  /** Gives the connection back as it was. Waits for no longer than that takes. */
  async close(): Promise<void> {
    this.#isClosed = true
    clearTimeout(this.#timer)
    await this.#beginning
    const listening = this.#forget()
    if (listening === undefined) return
    const { runner } = listening
    try {
      await queryUnseen(runner, `UNLISTEN ${OUTBOX_CHANNEL}`, [])
    } catch {
      // It is gone, and what it listened to with it.
    } finally {
      if (!runner.isReleased) await runner.release()
    }
  }

  async #begin(): Promise<void> {
    const { dataSource, notified } = this.#parts
    const runner = dataSource.createQueryRunner('master')
    try {
      const client = (await runner.connect()) as ListeningClient
      this.#listening = { runner, client }
      client.on('notification', this.#onNotification)
      client.on('error', this.#onLost)
      client.on('end', this.#onLost)
      await queryUnseen(runner, `LISTEN ${OUTBOX_CHANNEL}`, [])
      this.#retryMs = FIRST_RETRY_MS
      notified()
    } catch {
      // The database does not answer: its pollers tell it, and this is tried again.
      this.#forget()
      if (!runner.isReleased) await runner.release()
      this.#again()
    }
  }

  readonly #onNotification = (): void => this.#parts.notified()

  /** TypeORM's own listener gives the connection up. */
  readonly #onLost = (): void => {
    if (this.#forget() !== undefined) this.#again()
  }

  #forget(): Listening | undefined {
    const listening = this.#listening
    // It goes on being told of errors: one that nobody hears would end the process.
    this.#listening = undefined
    listening?.client.removeListener('notification', this.#onNotification)
    listening?.client.removeListener('end', this.#onLost)
    return listening
  }

  #again(): void {
    if (this.#isClosed) return
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.start(), this.#retryMs * (0.75 + Math.random() / 2))
    this.#timer.unref()
    this.#retryMs = Math.min(this.#retryMs * 2, LAST_RETRY_MS)
  }
}
