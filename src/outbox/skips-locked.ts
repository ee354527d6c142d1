import type { DataSource } from 'typeorm'

/** What TypeORM's MySQL driver has read from the server, also in 0.3. */
interface WithVersion {
  readonly version?: string
}

/**
 * Whether `FOR UPDATE SKIP LOCKED` is understood: PostgreSQL 9.5, MariaDB 10.6, MySQL 8. Elsewhere two processes may
 * deliver the same sweep at the same time, which costs a second one and nothing else.
 */
export function skipsLocked({ options, driver }: Pick<DataSource, 'options' | 'driver'>): boolean {
  if (options.type === 'postgres') return true
  const { version = '' } = driver as WithVersion
  const [major = 0, minor = 0] = (/\d+(?:\.\d+)*/.exec(version)?.[0] ?? '').split('.').map(Number)
  const isMariaDb = /mariadb/i.test(version) || major >= 10
  return isMariaDb ? major > 10 || minor >= 6 : major >= 8
}
