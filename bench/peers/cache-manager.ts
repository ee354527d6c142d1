import KeyvRedis from '@keyv/redis'
import { createCache } from 'cache-manager'
import { Keyv } from 'keyv'
import type { Servers } from '../servers'

/** Redis through Keyv. It knows no tags: whoever invalidates has to know the keys. */
export function cacheManager({ servers }: { servers: Servers }) {
  const cache = createCache({
    stores: [new Keyv({ store: new KeyvRedis(servers.redis.url) })],
    ttl: 600_000,
  })
  servers.atEnd(() => cache.disconnect())
  return cache
}
