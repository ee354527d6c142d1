import { InvalidOptionError, quoted } from '../core/errors'
import { ClusterAccess } from './cluster-access'
import type { RedisClusterClient } from './cluster-client'
import { ClusterGuards } from './cluster-guards'
import { ClusterNodes } from './cluster-nodes'
import { ClusterPush } from './cluster-push'
import { ClusterReplicas } from './cluster-replicas'
import { ClusterRoutes } from './cluster-routes'
import type { GuardableStore } from './guardable'
import type { GuardedStoreOptions } from './guarded-store'
import type { Push, PushingStore, PushListener } from './push'
import type { RedisStoreOptions } from './redis-store-options'
import type { Store } from './store'

const NAME = 'redis-cluster'

const VALUES = ['primaries', 'replicas'] as const

/** What of a cluster is asked for what, and what a sweep waits for. */
export interface ClusterStoreOptions extends RedisStoreOptions {
  /**
   * Where values are read. Tokens always come from primaries, and prove what a replica answers: one that is behind costs
   * misses, one that does not answer is made good by its primary. Takes load off primaries, and a second command per read.
   *
   * @default 'primaries'
   */
  readonly values?: (typeof VALUES)[number] | undefined
}

/**
 * Keeps tokens and entries in a Redis or Valkey cluster, reached through an ioredis `Cluster`, version 5 or 6.
 *
 * Keys are spread over 64 hash tags, so that a record, its entries and a copy of its type's token share a slot. Every
 * method asks all servers that it needs at once: the time of one round trip, whatever the number of keys. Commands go to
 * primaries, whatever the client's `scaleReads`, and for values to replicas where that is asked for; slots on their way and servers that were replaced are followed.
 * Of a server that does not answer, what is read is missing; what is written there fails. Nothing is bounded in time
 * here: `GuardedStore` does that.
 *
 * @throws {InvalidOptionError} SWEEPER_INVALID_OPTION when the client is no `Cluster`, or has a `keyPrefix`
 * @throws {StoreUnavailableError} SWEEPER_STORE_UNAVAILABLE from every method, with reasons as of `RedisStore`
 * @example
 * const cluster = new Cluster([{ host: 'cache-1', port: 6379 }, { host: 'cache-2', port: 6379 }])
 * new Sweeper(dataSource, { store: new ClusterStore(cluster, { wait: { replicas: 1, ms: 50 } }) })
 */
export class ClusterStore extends ClusterAccess implements PushingStore, GuardableStore {
  readonly #nodes: ClusterNodes
  readonly #replicas: ClusterReplicas | undefined

  constructor(cluster: RedisClusterClient, { wait, values }: ClusterStoreOptions = {}) {
    checkCluster(cluster)
    checkValues(values)
    const replicas = values === 'replicas' ? new ClusterReplicas(cluster, NAME) : undefined
    const nodes = new ClusterNodes(cluster, { name: NAME, wait })
    super({ name: NAME, nodes, routes: new ClusterRoutes(NAME, nodes), replicas })
    this.#nodes = nodes
    this.#replicas = replicas
  }

  /** This store with a deadline for each call and a circuit for each server: what a Sweeper asks. */
  guarded(limits: GuardedStoreOptions): Store {
    const routes = new ClusterRoutes(NAME, this.#nodes, new ClusterGuards(NAME, limits))
    return new ClusterAccess({
      ...{ name: NAME, nodes: this.#nodes, routes, replicas: this.#replicas },
    })
  }

  /** On one connection more to each server, replicas included; they are closed with the push. */
  listen(namespace: string, listener: PushListener): Push {
    return new ClusterPush(namespace, listener, {
      store: NAME,
      members: () => this.#nodes.members(),
      reach: (member) => this.#nodes.reach(member),
      connect: (address) => this.#nodes.listenTo(address),
    })
  }
}

function checkCluster(cluster: RedisClusterClient): void {
  if (!cluster.isCluster || typeof cluster.nodes !== 'function')
    throw new InvalidOptionError(
      'ClusterStore: the client is no Cluster; give a Cluster of ioredis 5 or 6, or any other client to new RedisStore(client)',
    )
  const { keyPrefix } = cluster.options
  if (keyPrefix !== undefined && keyPrefix !== '')
    throw new InvalidOptionError(
      `ClusterStore: the client has the keyPrefix ${quoted(keyPrefix)}, which does not reach what is sent to its servers; give the Sweeper a namespace instead`,
    )
}

function checkValues(values: ClusterStoreOptions['values']): void {
  if (values !== undefined && !VALUES.includes(values))
    throw new InvalidOptionError(
      `ClusterStore: values ${quoted(values)} is not usable; give "primaries" or "replicas"`,
    )
}
