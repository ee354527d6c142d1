import { DataSource, type DataSourceOptions } from 'typeorm'
import { isSqlite } from '../services-sqlite'

export type RawRow = Readonly<Record<string, unknown>>

/** The tables as they are, by a way that passes by no Sweeper. */
export interface RawDatabase {
  readonly type: DatabaseName
  /** Every column as the database tells it, without what a driver would round away; on PostgreSQL also `WRITTEN`. */
  rows(table: string): Promise<readonly RawRow[]>
  /** In one transaction: a server that has to write each of them to the disk takes its time. */
  run(statements: readonly string[]): Promise<void>
  quote(name: string): string
  close(): Promise<void>
}

/** The column with the transaction that wrote a row last, whether or not that changed it. */
export const WRITTEN = 'written by'

export type DatabaseName = 'postgres' | 'mariadb' | 'sqlite'

/** The parts of sql.js and better-sqlite3 that are used here. */
interface Connection {
  exec(sql: string): unknown
  prepare(sql: string): SqlJsStatement | BetterStatement
}

interface SqlJsStatement {
  step(): boolean
  getAsObject(): RawRow
  free(): void
}

interface BetterStatement {
  all(): readonly RawRow[]
}

/** @param watched the DataSource under test; SQLite has its database in it */
export async function rawDatabase(
  watched: DataSource,
  options: DataSourceOptions,
): Promise<RawDatabase> {
  if (isSqlite(options)) return ofSqlite(watched)
  const isPostgres = options.type === 'postgres'
  const plain = new DataSource({
    ...options,
    entities: [],
    synchronize: false,
    ...(isPostgres ? {} : { dateStrings: true, extra: {} }),
  } as DataSourceOptions)
  await plain.initialize()
  const quote = (name: string): string => (isPostgres ? `"${name}"` : `\`${name}\``)
  // A Date has milliseconds, the row's own text has all there is.
  const whole = isPostgres ? `, t::text AS "whole", t.xmin::text AS "${WRITTEN}"` : ''
  return {
    type: isPostgres ? 'postgres' : 'mariadb',
    rows: (table) => plain.query<RawRow[]>(`SELECT t.*${whole} FROM ${quote(table)} t`),
    run: (statements) =>
      plain.transaction(async (manager) => {
        for (const sql of statements) await manager.query(sql)
      }),
    quote,
    close: () => plain.destroy(),
  }
}

function ofSqlite(watched: DataSource): RawDatabase {
  const { databaseConnection } = watched.driver as unknown as { databaseConnection: Connection }
  return {
    type: 'sqlite',
    rows: async (table) => {
      const statement = databaseConnection.prepare(`SELECT * FROM "${table}"`)
      return 'all' in statement ? statement.all() : allOf(statement)
    },
    run: async (statements) => void databaseConnection.exec(statements.join(';\n')),
    quote: (name) => `"${name}"`,
    close: () => Promise.resolve(),
  }
}

function allOf(statement: SqlJsStatement): readonly RawRow[] {
  const rows: RawRow[] = []
  while (statement.step()) rows.push(statement.getAsObject())
  statement.free()
  return rows
}
