import type { DataSource, EntityMetadata, QueryRunner, SelectQueryBuilder } from 'typeorm'
import type { EntityType } from '../model/entity-type'
import type { Link } from '../model/link'
import { idFromRow, type RecordId } from '../model/record-id'
import { locked, type DatabaseTraits } from './database-traits'
import type { WriteStatement } from './write-statement'

type Column = EntityMetadata['columns'][number]
type RawRow = Readonly<Record<string, unknown>>
type RawSelect = SelectQueryBuilder<Record<string, unknown>>

/** A row as far as cascades need it: its key, and the raw foreign keys of its declared links. */
export interface LinkedRow {
  readonly id: RecordId
  readonly foreignKeys: ReadonlyMap<Link, readonly unknown[]>
}

/** How the rows of a coming statement are read. */
export interface RowsToWrite {
  readonly limit: number
  readonly lock: DatabaseTraits['lock']
}

/** Ids in one statement: below every driver's parameter limit, composite keys included. */
const CHUNK = 1000

/**
 * Reads keys and foreign keys straight from the tables: on the caller's query runner (a second connection
 * could wait for ever inside a transaction, typeorm facts T15), without hydration, soft-deleted rows included,
 * one query for up to a thousand rows, one query at a time per runner.
 */
export class RowReader {
  readonly #dataSource: DataSource
  readonly #queues = new WeakMap<QueryRunner, Promise<unknown>>()

  constructor(dataSource: DataSource) {
    this.#dataSource = dataSource
  }

  /** The rows of these records, with their foreign keys. 1 query per thousand records. */
  rowsOf(
    runner: QueryRunner,
    type: EntityType,
    links: readonly Link[],
    ids: readonly RecordId[],
    lock?: DatabaseTraits['lock'],
  ): Promise<LinkedRow[]> {
    return this.#inChunks(ids, async (chunk) => {
      const select = this.#from(runner, type.metadata).whereInIds(chunk.map(({ map }) => map))
      return this.#linkedRows(runner, locked(select, lock), type, links)
    })
  }

  /** The rows that a statement is about to change: its own WHERE, as a SELECT. 1 query. */
  rowsFor(
    runner: QueryRunner,
    type: EntityType,
    links: readonly Link[],
    statement: WriteStatement,
    { limit, lock }: RowsToWrite,
  ): Promise<LinkedRow[]> {
    const select = locked(statement.asSelect(runner, limit), lock)
    return this.#linkedRows(runner, select, type, links)
  }

  /**
   * The keys of the rows of `type` whose `columns` hold one of these values. 1 query per thousand values.
   * No limit is needed where the columns are unique.
   */
  keysWhere(
    runner: QueryRunner,
    type: EntityType,
    columns: readonly Column[],
    values: readonly (readonly unknown[])[],
    limit?: number,
  ): Promise<{ readonly id: RecordId; readonly by: readonly unknown[] }[]> {
    return this.#inChunks(values, async (chunk) => {
      const select = this.#from(runner, type.metadata).limit(limit)
      whereColumnsIn(select, columns, chunk)
      const rows = await this.#read(runner, select, [...type.idColumns, ...columns])
      return rows.map((row) => ({
        id: idFromRow(type, row.slice(0, type.idColumns.length)),
        by: row.slice(type.idColumns.length),
      }))
    })
  }

  /** Raw columns of these records. 1 query per thousand records. */
  valuesOf(
    runner: QueryRunner,
    type: EntityType,
    columns: readonly Column[],
    ids: readonly RecordId[],
  ): Promise<{ readonly id: RecordId; readonly values: readonly unknown[] }[]> {
    return this.#inChunks(ids, async (chunk) => {
      const select = this.#from(runner, type.metadata).whereInIds(chunk.map(({ map }) => map))
      const rows = await this.#read(runner, select, [...type.idColumns, ...columns])
      return rows.map((row) => ({
        id: idFromRow(type, row.slice(0, type.idColumns.length)),
        values: row.slice(type.idColumns.length),
      }))
    })
  }

  /** Raw columns of the rows of any table (junctions) whose `columns` hold one of these values. */
  rawWhere(
    runner: QueryRunner,
    metadata: EntityMetadata,
    wanted: readonly Column[],
    columns: readonly Column[],
    values: readonly (readonly unknown[])[],
    limit: number,
  ): Promise<(readonly unknown[])[]> {
    return this.#inChunks(values, (chunk) => {
      const select = this.#from(runner, metadata).limit(limit)
      whereColumnsIn(select, columns, chunk)
      return this.#read(runner, select, wanted)
    })
  }

  /** Raw columns of the rows that a statement is about to change. 1 query. */
  rawFor(
    runner: QueryRunner,
    wanted: readonly Column[],
    statement: WriteStatement,
    { limit, lock }: RowsToWrite,
  ): Promise<(readonly unknown[])[]> {
    return this.#read(runner, locked(statement.asSelect(runner, limit), lock), wanted)
  }

  #from(runner: QueryRunner, metadata: EntityMetadata): RawSelect {
    return this.#dataSource
      .createQueryBuilder(runner)
      .select([])
      .from<Record<string, unknown>>(metadata.target, 'sweeper_row')
      .withDeleted()
      .cache(false)
  }

  async #linkedRows(
    runner: QueryRunner,
    select: RawSelect,
    type: EntityType,
    links: readonly Link[],
  ): Promise<LinkedRow[]> {
    const wanted = [...type.idColumns, ...links.flatMap(({ columns }) => columns)]
    const rows = await this.#read(runner, select, wanted)
    return rows.map((row) => {
      const foreignKeys = new Map<Link, readonly unknown[]>()
      let at = type.idColumns.length
      for (const link of links) {
        foreignKeys.set(link, row.slice(at, at + link.columns.length))
        at += link.columns.length
      }
      return { id: idFromRow(type, row.slice(0, type.idColumns.length)), foreignKeys }
    })
  }

  /** Values in the order of `columns`. */
  async #read(
    runner: QueryRunner,
    select: RawSelect,
    columns: readonly Column[],
  ): Promise<(readonly unknown[])[]> {
    columns.forEach((column, index) => {
      select.addSelect(
        `${select.escape(select.alias)}.${select.escape(column.databaseName)}`,
        `c${index}`,
      )
    })
    const rows = await this.#oneAtATime(runner, () => select.getRawMany<RawRow>())
    return rows.map((row) => columns.map((_, index) => row[`c${index}`]))
  }

  /** pg allows one query at a time on a connection and will refuse a second one in its next version. */
  #oneAtATime<T>(runner: QueryRunner, read: () => Promise<T>): Promise<T> {
    const before = this.#queues.get(runner) ?? Promise.resolve()
    const reading = before.then(read, read)
    this.#queues.set(
      runner,
      reading.catch(() => undefined),
    )
    return reading
  }

  async #inChunks<I, O>(
    items: readonly I[],
    read: (chunk: readonly I[]) => Promise<readonly O[]>,
  ): Promise<O[]> {
    const all: O[] = []
    for (let start = 0; start < items.length; start += CHUNK)
      all.push(...(await read(items.slice(start, start + CHUNK))))
    return all
  }
}

function whereColumnsIn(
  select: RawSelect,
  columns: readonly Column[],
  values: readonly (readonly unknown[])[],
): void {
  const names = columns.map(
    ({ databaseName }) => `${select.escape(select.alias)}.${select.escape(databaseName)}`,
  )
  const [only] = names
  if (names.length === 1 && only !== undefined) {
    select.where(`${only} IN (:...sweeperValues)`, {
      sweeperValues: values.map(([value]) => value),
    })
    return
  }
  const parameters: Record<string, unknown> = {}
  const alternatives = values.map((row, at) => {
    const equal = names.map((name, index) => {
      parameters[`sweeper_${at}_${index}`] = row[index]
      return `${name} = :sweeper_${at}_${index}`
    })
    return `(${equal.join(' AND ')})`
  })
  select.where(`(${alternatives.join(' OR ')})`, parameters)
}
