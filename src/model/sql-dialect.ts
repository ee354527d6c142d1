import type { DataSource } from 'typeorm'
import type { SqlDialect } from '../core/sql-tokens'

/** Whose lexical rules the SQL of a DataSource follows. */
export function dialectOf({ options }: Pick<DataSource, 'options'>): SqlDialect {
  const type: string = options.type
  if (/postgres|cockroach/.test(type)) return 'postgres'
  if (/mysql|mariadb/.test(type)) return 'mysql'
  return /sqlite|sqljs|expo|cordova|capacitor|native/.test(type) ? 'sqlite' : 'generic'
}
