import type { DataSource } from 'typeorm'
import type { Bench } from '../line'

/** TypeORM's own query results in Redis, for queries with `cache: true`. It invalidates nothing. */
export function typeormCache({ servers }: Bench): Promise<DataSource> {
  const options = { host: '127.0.0.1', port: servers.redis.port }
  return servers.dataSource({ cache: { type: 'ioredis', options, duration: 600_000 } })
}
