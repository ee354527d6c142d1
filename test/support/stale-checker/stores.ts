import { RedisClients } from '../redis-clients'
import type { Redis } from 'ioredis'
import { MemcachedServer } from '../services-memcached'
import { ClusterBus } from '../cluster-bus'
import { RedisCluster } from '../services-redis-cluster'
import { RedisServer } from '../services-redis-server'

export const STORE_KINDS = ['redis', 'node-redis', 'memcached', 'cluster', 'memory'] as const
export type StoreKind = (typeof STORE_KINDS)[number]

/** In memory each process has its own, and is told of no other's writes. */
export const processesOn = (kind: StoreKind): number => (kind === 'memory' ? 1 : 4)

/** Whether the store tells near tiers of changes. */
export const tellsOfChanges = (kind: StoreKind): boolean => kind !== 'memcached'

/** What the applications share, and what faults strike. */
export class CheckedServers {
  /** Where links lead to; undefined where there are none. */
  readonly url: string | undefined
  /** Those of a cluster: each has a link of its own. */
  readonly urls: readonly string[]
  readonly #parts: Parts

  private constructor(url: string | undefined, parts: Parts) {
    this.url = url
    this.urls = parts.cluster?.servers.map((server) => server.url) ?? []
    this.#parts = parts
  }

  static async start(kind: StoreKind): Promise<CheckedServers> {
    switch (kind) {
      case 'memory':
        return new CheckedServers(undefined, {})
      case 'memcached': {
        const memcached = await MemcachedServer.start()
        return new CheckedServers(`memcached://${memcached.address}`, { memcached })
      }
      case 'cluster': {
        const cluster = await RedisCluster.start(new ClusterBus())
        await cluster.failsSoon()
        return new CheckedServers(undefined, { cluster })
      }
      case 'redis':
      case 'node-redis': {
        const redis = await RedisServer.start(['--maxmemory-policy', 'allkeys-random'])
        const clients = new RedisClients()
        const admin = clients.connect(redis.url)
        return new CheckedServers(redis.url, { redis, admin, clients })
      }
    }
  }

  get redis(): RedisServer {
    return there(this.#parts.redis)
  }

  /** To the store directly, for what is asked of the server itself. */
  get admin(): Redis {
    return there(this.#parts.admin)
  }

  get memcached(): MemcachedServer {
    return there(this.#parts.memcached)
  }

  get cluster(): RedisCluster {
    return there(this.#parts.cluster)
  }

  async stop(): Promise<void> {
    const { redis, clients, memcached, cluster } = this.#parts
    clients?.close()
    await redis?.stop()
    await memcached?.stop()
    await cluster?.stop()
  }
}

interface Parts {
  readonly redis?: RedisServer
  readonly admin?: Redis
  readonly clients?: RedisClients
  readonly memcached?: MemcachedServer
  readonly cluster?: RedisCluster
}

function there<T>(part: T | undefined): T {
  if (part === undefined) throw new Error('a fault strikes what this store has not')
  return part
}
