import { Cluster } from 'ioredis'
import Memcached from 'memcached'
import { createClient } from 'redis'
import type { Store } from '../../../src/index'
import { MemoryStore } from '../../../src/index'
import { MemcachedStore } from '../../../src/memcached'
import { ClusterStore, RedisStore } from '../../../src/redis'
import { RedisClients } from '../redis-clients'
import type { AppSettings } from './messages'

// `minTimeout` is missing from the types.
const MEMCACHED = { retry: 100, reconnect: 100, minTimeout: 20 }

/** The store of an application, over a client that connects again at once. */
export async function storeOf(settings: AppSettings): Promise<Store> {
  const { store, storeUrl } = settings
  switch (store) {
    case 'memory':
      return new MemoryStore()
    case 'memcached':
      return new MemcachedStore(new Memcached(new URL(storeUrl).host, MEMCACHED))
    case 'cluster':
      return new ClusterStore(clusterOf(settings), { values: settings.values })
    case 'node-redis': {
      const client = createClient({ url: storeUrl, socket: { reconnectStrategy: 20 } })
      client.on('error', () => undefined)
      await client.connect()
      return new RedisStore(client)
    }
    case 'redis':
      return new RedisStore(new RedisClients().connect(storeUrl))
  }
}

/** Every server by its link. */
function clusterOf({ servers, links }: AppSettings): Cluster {
  const reached = links.map((link) => new URL(link))
  const startup = reached.map(({ hostname, port }) => ({ host: hostname, port: Number(port) }))
  const natMap = Object.fromEntries(
    servers.map((server, index) => [new URL(server).host, startup[index] ?? { host: '', port: 0 }]),
  )
  const cluster = new Cluster(startup, { clusterRetryStrategy: () => 50, natMap })
  // What goes wrong is told by the commands.
  cluster.on('error', () => undefined)
  return cluster
}
