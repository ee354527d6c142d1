import { ChromiumService } from './services-chromium'
import { MariaDbService } from './services-mariadb'
import { MemcachedService } from './services-memcached'
import { PostgresService } from './services-postgres'
import { RedisService } from './services-redis'
import { RedisClusterService } from './services-redis-cluster'
import { RedisSentinelService } from './services-redis-sentinel'
import { RedisServerService } from './services-redis-server'
import { MissingServiceError, startedHere } from './services-process'

export { describeOnSqlite, sqljs } from './services-sqlite'

/** A real server, as a suite sees it. What it gives is there from the suite's `before` hooks on. */
interface Service {
  /** Finds or starts the server. @throws {MissingServiceError} when there is no way to have one */
  open(): Promise<void>
  /** Leaves the server as it was found. */
  close(): Promise<void>
}

const SERVICES = {
  postgres: () => new PostgresService(),
  mariadb: () => new MariaDbService(),
  redis: () => new RedisService(),
  redisServer: () => new RedisServerService(),
  redisSentinel: () => new RedisSentinelService(),
  redisCluster: () => new RedisClusterService(),
  memcached: () => new MemcachedService(),
  chromium: () => new ChromiumService(),
} as const satisfies Record<string, () => Service>

export type ServiceName = keyof typeof SERVICES
export type Services = { readonly [Name in ServiceName]: ReturnType<(typeof SERVICES)[Name]> }

const STARTING_TAKES_AT_MOST_MS = 60_000

/**
 * A `describe` that needs real servers. Where a server comes from: the environment
 * (`DATABASE_URL`, `MARIADB_URL`, `REDIS_URL`), else one that answers on its usual local port, else a
 * private one made from binaries found on this machine and removed at the end of the run.
 * Without any of these the suite is skipped, and under `CI=true` it fails.
 *
 * Databases and namespaces are the suite's own, and removed after its last `after` hook.
 *
 * @example
 * describeWith(['postgres', 'redis'], 'a sweep', ({ postgres, redis }) => {
 *   let dataSource: DataSource
 *   before(async () => { dataSource = await new DataSource({ ...postgres.options, entities }).initialize() })
 *   after(() => dataSource.destroy())
 *   it('reaches the store', async () => { redis.connect() ... })
 * })
 */
export function describeWith<Name extends ServiceName>(
  names: readonly Name[],
  title: string,
  define: (services: Pick<Services, Name>) => void,
): void {
  describe(title, () => {
    const services: Service[] = names.map((name) => SERVICES[name]())
    const named = Object.fromEntries(names.map((name, index) => [name, services[index]]))

    before(async function () {
      this.timeout(STARTING_TAKES_AT_MOST_MS)
      try {
        for (const service of services) await service.open()
      } catch (error) {
        if (!(error instanceof MissingServiceError) || process.env['CI'] === 'true') throw error
        console.log(`    "${title}" is skipped: ${error.message}`)
        // With its suite pending, the hooks below find nothing set up and are left out too.
        const suite = this.test?.parent
        if (suite !== undefined) suite.pending = true
        await closeAll(services)
        this.skip()
      }
    })

    // Proved by SERVICES: each name leads to its own class.
    define(named as Pick<Services, Name>)

    // After `define`, because hooks run in the order they were given: a suite's own `after` comes first.
    after(() => closeAll(services))
  })
}

async function closeAll(services: readonly Service[]): Promise<void> {
  for (const service of services.toReversed()) await service.close()
}

// A hook outside any `describe` belongs to the whole run.
after(async function () {
  this.timeout(STARTING_TAKES_AT_MOST_MS)
  await startedHere.stopAll()
})
