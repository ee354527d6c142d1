import { DataSource, type DataSourceOptions } from 'typeorm'

export type RawRow = Readonly<Record<string, unknown>>

/** The tables as they are, by a way that passes by no Sweeper. */
export interface RawDatabase {
  readonly type: DatabaseName
  /** Every column as the database tells it, without what a driver would round away. */
  rows(table: string): Promise<readonly RawRow[]>
  /** In one transaction: a server that has to write each of them to the disk takes its time. */
  run(statements: readonly string[]): Promise<void>
  quote(name: string): string
  close(): Promise<void>
}

export type DatabaseName = 'postgres' | 'mariadb' | 'sqljs'

/** The part of sql.js that is used here. */
interface SqlJs {
  exec(sql: string): { readonly columns: string[]; readonly values: unknown[][] }[]
}

/** @param watched the DataSource under test; sql.js has its database in it */
export async function rawDatabase(
  watched: DataSource,
  options: DataSourceOptions,
): Promise<RawDatabase> {
  if (options.type === 'sqljs') return ofSqlJs(watched)
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
  const whole = isPostgres ? ', t::text AS "whole"' : ''
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

function ofSqlJs(watched: DataSource): RawDatabase {
  const { databaseConnection } = watched.driver as unknown as { databaseConnection: SqlJs }
  return {
    type: 'sqljs',
    rows: async (table) => {
      const [result] = databaseConnection.exec(`SELECT * FROM "${table}"`)
      if (result === undefined) return []
      return result.values.map((values) =>
        Object.fromEntries(result.columns.map((column, index) => [column, values[index]])),
      )
    },
    run: async (statements) => void databaseConnection.exec(statements.join(';\n')),
    quote: (name) => `"${name}"`,
    close: () => Promise.resolve(),
  }
}
