import type { DataSource, QueryRunner } from 'typeorm'
import { OutboxError } from '../core/errors'
import { isMissingTable } from '../sweep/database-answer'
import { queryUnseen } from '../sweep/own-statements'
import { outboxPathOf } from './outbox-path'
import { skipsLocked } from './skips-locked'

/** What listeners hear of committed rows on, of every namespace; on PostgreSQL. */
export const OUTBOX_CHANNEL = 'sweep_outbox'

/** A sweep that waits in the table. */
export interface OutboxRow {
  readonly id: number
  readonly entity: string | null
  readonly recordId: string | null
  readonly sweep: string | null
}

/** The ids at both ends of what waits. */
export interface Waiting {
  readonly first: number
  readonly last: number
}

/**
 * The SQL of the table. Plain statements on the query runner that is handed in: nobody's subscribers
 * of rows hear of them, and the library does not take them for writes of the user's.
 */
export class OutboxTable {
  readonly #dataSource: DataSource
  readonly #namespace: string
  readonly #notifies: boolean

  /** @param notifies whether rows are told of with their COMMIT; PostgreSQL only */
  constructor(dataSource: DataSource, namespace: string, notifies = false) {
    this.#dataSource = dataSource
    this.#namespace = namespace
    this.#notifies = notifies
  }

  /** 1 query. */
  exists(runner: QueryRunner): Promise<boolean> {
    return runner.hasTable(outboxPathOf(this.#dataSource))
  }

  /** One row. 1 query. @returns its id */
  async insert(runner: QueryRunner, sweep: string): Promise<number> {
    const sql = `INSERT INTO ${this.#path} (namespace, sweep) VALUES (${this.#places(2)})`
    const result = await this.#query(runner, this.#isPostgres ? `${sql} ${this.#returning}` : sql, [
      this.#namespace,
      sweep,
    ])
    const [row] = rowsOf(result)
    return Number(row === undefined ? (result as { insertId: unknown }).insertId : row['id'])
  }

  /** Undefined when nothing waits. 1 query, answered from the index. */
  async waiting(runner: QueryRunner): Promise<Waiting | undefined> {
    const sql = `SELECT MIN(id) AS first_id, MAX(id) AS last_id FROM ${this.#path} WHERE ${this.#mine}`
    const [row] = rowsOf(await this.#query(runner, sql, [this.#namespace]))
    const { first_id: first, last_id: last } = row ?? {}
    return first == null ? undefined : { first: Number(first), last: Number(last) }
  }

  /** Opens a transaction in which rows can be claimed; not one of TypeORM's, so that no hook of the user's hears of it. */
  async begin(runner: QueryRunner): Promise<void> {
    if (this.#isPostgres) {
      await this.#query(runner, 'START TRANSACTION ISOLATION LEVEL READ COMMITTED')
      return
    }
    // Not REPEATABLE READ: it would lock the gap in which writers are about to put their rows.
    await this.#query(runner, 'SET TRANSACTION ISOLATION LEVEL READ COMMITTED')
    await this.#query(runner, 'START TRANSACTION')
  }

  async end(runner: QueryRunner, how: 'COMMIT' | 'ROLLBACK'): Promise<void> {
    await this.#query(runner, how)
  }

  /** The oldest rows that nobody else has claimed. Theirs until the transaction ends, also by the death of this process. */
  async claim(runner: QueryRunner, upTo: number, limit: number): Promise<readonly OutboxRow[]> {
    const sql =
      `SELECT id, entity, record_id, sweep FROM ${this.#path} ` +
      `WHERE ${this.#mine} AND id <= ${Math.trunc(upTo)} ORDER BY id LIMIT ${Math.trunc(limit)}`
    const lock = skipsLocked(this.#dataSource) ? ' FOR UPDATE SKIP LOCKED' : ''
    const rows = rowsOf(await this.#query(runner, sql + lock, [this.#namespace]))
    return rows.map((row) => ({
      id: Number(row['id']),
      entity: textOf(row['entity']),
      recordId: textOf(row['record_id']),
      sweep: textOf(row['sweep']),
    }))
  }

  /** Best inside a transaction: on MariaDB and MySQL it is 1 query per row. */
  async delete(runner: QueryRunner, ids: readonly number[]): Promise<void> {
    if (ids.length === 0) return
    const sql = `DELETE FROM ${this.#path} WHERE id`
    // In the order in which those who claim rows lock them.
    const inOrder = ids.toSorted((left, right) => left - right)
    if (this.#isPostgres) {
      await this.#query(runner, `${sql} IN (${this.#places(ids.length)})`, inOrder)
      return
    }
    // For a list MariaDB reads a small table from end to end, and waits for rows that others have claimed.
    for (const id of inOrder) await this.#query(runner, `${sql} = ?`, [id])
  }

  async has(runner: QueryRunner, ids: readonly number[]): Promise<boolean> {
    const sql = `SELECT id FROM ${this.#path} WHERE id IN (${this.#places(ids.length)}) LIMIT 1`
    return rowsOf(await this.#query(runner, sql, ids)).length > 0
  }

  /** Listeners are told with the COMMIT, once for all rows of a transaction. */
  get #returning(): string {
    return this.#notifies ? `RETURNING id, pg_notify('${OUTBOX_CHANNEL}', '')` : 'RETURNING id'
  }

  get #isPostgres(): boolean {
    return this.#dataSource.options.type === 'postgres'
  }

  get #path(): string {
    const { driver } = this.#dataSource
    return outboxPathOf(this.#dataSource)
      .split('.')
      .map((name) => driver.escape(name))
      .join('.')
  }

  get #mine(): string {
    return `namespace IN (${this.#places(1)}, '')`
  }

  #places(count: number): string {
    return Array.from({ length: count }, (_, at) => (this.#isPostgres ? `$${at + 1}` : '?')).join(
      ', ',
    )
  }

  async #query(
    runner: QueryRunner,
    sql: string,
    parameters: readonly unknown[] = [],
  ): Promise<unknown> {
    try {
      return await queryUnseen(runner, sql, [...parameters])
    } catch (error) {
      throw isMissingTable(error) ? new OutboxError(outboxPathOf(this.#dataSource), error) : error
    }
  }
}

function rowsOf(result: unknown): readonly Readonly<Record<string, unknown>>[] {
  return Array.isArray(result) ? (result as readonly Readonly<Record<string, unknown>>[]) : []
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null
}
