import KeyvRedis from '@keyv/redis'
import { Cacheable } from 'cacheable'
import type { Servers } from '../servers'

/** Memory before Redis, with tags: what was invalidated is seen on every read. */
export class TaggedCacheable {
  readonly cache: Cacheable

  constructor({ servers }: { servers: Servers }) {
    this.cache = new Cacheable({
      secondary: new KeyvRedis(servers.redis.url),
      ttl: '10m',
      tags: true,
    })
    servers.atEnd(() => this.cache.disconnect())
  }

  /** Its own `getOrSet` takes no tags. */
  async getOrSet(key: string, tags: string[], factory: () => string): Promise<string> {
    const found = await this.cache.get<string>(key)
    if (found !== undefined) return found
    const value = factory()
    await this.cache.set(key, value, { tags })
    return value
  }

  async invalidate(...tags: string[]): Promise<void> {
    await this.cache.tags.invalidateTags(tags)
  }
}
