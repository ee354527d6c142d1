import { BentoCache, bentostore } from 'bentocache'
import { memoryDriver } from 'bentocache/drivers/memory'
import { redisBusDriver, redisDriver } from 'bentocache/drivers/redis'
import type { Servers } from '../servers'

/** One Redis level, or memory before it with a bus between processes, both with tags, as its guide shows them. */
export function bentocache({ servers }: { servers: Servers }) {
  const connection = { host: '127.0.0.1', port: servers.redis.port }
  const cache = new BentoCache({
    default: 'redis',
    prefix: 'bento',
    ttl: '10m',
    stores: {
      redis: bentostore().useL2Layer(redisDriver({ connection })),
      tiered: bentostore()
        .useL1Layer(memoryDriver({ maxSize: '100mb', maxItems: 100_000 }))
        .useL2Layer(redisDriver({ connection }))
        .useBus(redisBusDriver({ connection })),
    },
  })
  servers.atEnd(() => cache.disconnectAll())
  return { redis: cache.use('redis'), tiered: cache.use('tiered') }
}
