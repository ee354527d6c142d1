import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { DataSourceOptions } from 'typeorm'

/** An empty SQLite database inside this process, gone with its DataSource. */
export function sqljs(): Extract<DataSourceOptions, { type: 'sqljs' }> {
  return { type: 'sqljs' }
}

/** It is not among the dependencies: it may have to be compiled. */
const BETTER_SQLITE3 = join(process.cwd(), 'test', 'matrix', 'better-sqlite3', 'package.json')

/** The same by another driver, where `npm run check:matrix` has installed it. */
export function betterSqlite3(): Extract<DataSourceOptions, { type: 'better-sqlite3' }> {
  const driver: unknown = createRequire(BETTER_SQLITE3)('better-sqlite3')
  return { type: 'better-sqlite3', database: ':memory:', driver }
}

const SQLITES = [
  { name: 'sql.js', database: 'sqljs', options: sqljs, isHere: true },
  {
    name: 'better-sqlite3',
    database: 'better-sqlite3',
    options: betterSqlite3,
    isHere: existsSync(join(BETTER_SQLITE3, '..', 'node_modules', 'better-sqlite3')),
  },
] as const

export type SqliteName = (typeof SQLITES)[number]['database']

export function isSqlite({ type }: DataSourceOptions): boolean {
  return SQLITES.some(({ database }) => database === type)
}

/** A suite for each SQLite driver that is installed. */
export function describeOnSqlite(
  title: string,
  define: (options: () => DataSourceOptions, database: SqliteName) => void,
): void {
  for (const { name, database, options, isHere } of SQLITES)
    if (isHere) describe(`${title} on ${name}`, () => define(options, database))
}
