import { InvalidOptionError } from '../core/errors'
import { isNodeRedis, NodeRedis, type NodeRedisClient } from './node-redis-client'
import type { Push, PushingStore, PushListener } from './push'
import { type RedisClient, subscriberOf } from './redis-client'
import { RedisNode } from './redis-node'
import type { RedisStoreOptions } from './redis-store-options'
import { RedisPush } from './redis-push'

/**
 * Keeps tokens and entries in a Redis or Valkey server, reached through a client of yours: an ioredis `Redis`, version
 * 5 or 6, or a connected `createClient()` of node-redis, version 5 or 6. The server may be shared and may evict; its user needs MGET, SET, UNLINK, EVALSHA, EVAL, INFO, TIME, and what
 * the scripts call: GET, GETRANGE, DEL, PTTL, PEXPIRE, PERSIST.
 *
 * Every method is one round trip. On a new connection one more asks for the server's life and clock. Nothing is bounded
 * in time here, whatever the options of the client: `GuardedStore` does that. With `wait` a sweep counts as done when so
 * many replicas have it too, at the cost of a WAIT: a second round trip.
 *
 * @throws {InvalidOptionError} SWEEPER_INVALID_OPTION when the client is a cluster, a pool or none of these
 * @throws {StoreUnavailableError} SWEEPER_STORE_UNAVAILABLE from every method, with the server's error word as `reason`,
 *   or `connection-changed`, `not-connected`, `not-replicated`, `timeout`, `closed`, `ECONNREFUSED` and the like
 * @example
 * new Sweeper(dataSource, { store: new RedisStore(new Redis('redis://cache:6379')) })
 * @example
 * const client = await createClient({ url: 'redis://cache:6379' }).on('error', report).connect()
 * new Sweeper(dataSource, { store: new RedisStore(client) })
 */
export class RedisStore extends RedisNode implements PushingStore {
  constructor(client: RedisClient | NodeRedisClient, { wait }: RedisStoreOptions = {}) {
    super(usable(client), { name: 'redis', wait })
  }

  /** On one connection more, made by `client.duplicate()` and closed with the push. */
  listen(namespace: string, listener: PushListener): Push {
    const subscriber = subscriberOf(this.client)
    if (subscriber === undefined)
      throw new InvalidOptionError(
        'RedisStore: a near tier needs a second connection, and this client has no duplicate(); give a Redis of ioredis 5 or 6',
      )
    return new RedisPush(subscriber, namespace, listener, {
      store: this.name,
      keyPrefix: this.client.options?.keyPrefix ?? '',
      connection: this.connection,
    })
  }
}

function usable(client: RedisClient | NodeRedisClient): RedisClient {
  if (isNodeRedis(client)) return new NodeRedis(client)
  if (client.isCluster)
    throw new InvalidOptionError(
      'RedisStore: a Cluster is many servers; give it to new ClusterStore(cluster), from typeorm-sweeper/redis too',
    )
  if (typeof client.mgetBuffer !== 'function' || typeof client.call !== 'function')
    throw new InvalidOptionError(
      'RedisStore: the client is none that it knows; give a Redis of ioredis 5 or 6, or what createClient() of redis 5 or 6 makes',
    )
  return client
}
