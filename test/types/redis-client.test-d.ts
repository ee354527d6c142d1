import { Cluster, Redis } from 'ioredis'
import { Cluster as Cluster5, Redis as Redis5 } from 'ioredis-5'
import { createClient, createClientPool, createCluster } from 'redis'
import { createClient as createClient5 } from 'redis-5'
import { ClusterStore, RedisStore } from '../../src/redis'
import type { NodeRedisClient, RedisClient, RedisClusterClient } from '../../src/redis'

// Compiled, never run: every client that RedisStore is said to take.

new Redis() satisfies RedisClient
new Redis({ replyMapping: 'resp3' }) satisfies RedisClient
new Redis5() satisfies RedisClient
new Cluster([]) satisfies RedisClusterClient
new Cluster5([]) satisfies RedisClusterClient
createClient() satisfies NodeRedisClient
createClient({ RESP: 2 }) satisfies NodeRedisClient
createClient5() satisfies NodeRedisClient

export const stores: readonly RedisStore[] = [
  new RedisStore(new Redis('redis://localhost')),
  new RedisStore(new Redis({ enableAutoPipelining: true, keyPrefix: 'prefix:' })),
  new RedisStore(new Redis5('redis://localhost')),
  new RedisStore(createClient({ url: 'redis://localhost' })),
  new RedisStore(createClient5()),
  // @ts-expect-error a pool answers on any of its connections
  new RedisStore(createClientPool()),
  // @ts-expect-error a cluster of node-redis
  new RedisStore(createCluster({ rootNodes: [] })),
  // By type they are clients; the store refuses them when it is made.
  new RedisStore(new Cluster([])),
  new RedisStore(new Cluster5([])),
  // @ts-expect-error a client of another library
  new RedisStore({ get: () => Promise.resolve('value') }),
  // @ts-expect-error no client
  new RedisStore('redis://localhost'),
]

export const clusterStores: readonly ClusterStore[] = [
  new ClusterStore(new Cluster([])),
  new ClusterStore(new Cluster([], { natMap: { '10.0.0.1:6379': { host: 'a', port: 1 } } })),
  new ClusterStore(new Cluster5([]), { wait: { replicas: 1, ms: 50 } }),
  // @ts-expect-error a client of one server
  new ClusterStore(new Redis()),
  // @ts-expect-error a cluster of node-redis
  new ClusterStore(createCluster({ rootNodes: [] })),
]
