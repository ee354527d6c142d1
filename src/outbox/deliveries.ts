import type { DataSource, QueryRunner } from 'typeorm'
import type { OutboxTable } from './outbox-table'

/** How long acknowledged rows are gathered before they are deleted; a poller passes over rows this young. */
const GATHER_MS = 20
const MAX_AT_ONCE = 500
/** More than this and the database does not keep up: the rows are left for the pollers. */
const MAX_GATHERED = 10_000

/** Deletes the rows of acknowledged sweeps, many at a time, on a connection of its own and in nobody's way. */
export class Deliveries {
  readonly #dataSource: DataSource
  readonly #table: OutboxTable
  #gathered: number[] = []
  #timer: NodeJS.Timeout | undefined
  #deleting: Promise<void> | undefined
  #isClosed = false

  constructor(dataSource: DataSource, table: OutboxTable) {
    this.#dataSource = dataSource
    this.#table = table
  }

  acknowledge(ids: readonly number[]): void {
    if (this.#gathered.length + ids.length <= MAX_GATHERED) this.#gathered.push(...ids)
    this.#schedule()
  }

  /** Deletes what is gathered. Never rejects: what cannot be deleted is delivered once more by a poller. */
  flush(): Promise<void> {
    this.#deleting ??= this.#delete().finally(() => {
      this.#deleting = undefined
    })
    return this.#deleting
  }

  close(): void {
    this.#isClosed = true
    clearTimeout(this.#timer)
  }

  #schedule(): void {
    if (this.#isClosed || this.#timer !== undefined || this.#gathered.length === 0) return
    this.#timer = setTimeout(() => {
      this.#timer = undefined
      void this.flush().then(() => this.#schedule())
    }, GATHER_MS)
    this.#timer.unref()
  }

  async #delete(): Promise<void> {
    let runner: QueryRunner | undefined
    try {
      while (this.#gathered.length > 0 && this.#dataSource.isInitialized) {
        runner ??= this.#dataSource.createQueryRunner('master')
        await this.#table.begin(runner)
        await this.#table.delete(runner, this.#gathered.splice(0, MAX_AT_ONCE))
        await this.#table.end(runner, 'COMMIT')
      }
    } catch {
      // A deadlock or a lost connection. The pollers find what is left.
      this.#gathered = []
      await runner?.query('ROLLBACK').catch(() => undefined)
    } finally {
      await runner?.release()
    }
  }
}
