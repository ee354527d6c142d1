import { addressOf, type RedisClusterClient, type RedisServerClient } from './cluster-client'
import type { GuardedServer } from './cluster-guards'
import { unavailable } from './failure-reason'
import { NodeClient } from './node-client'

/** One replica of a cluster: values alone are read there, which are worth as much as the tokens that a primary has for them. */
export class ReplicaNode implements GuardedServer {
  readonly #redis: RedisServerClient
  readonly #client: NodeClient
  readonly #store: string
  readonly #listeners: (() => void)[] = []
  #isClosed = false

  constructor(redis: RedisServerClient, store: string) {
    this.#redis = redis
    this.#client = new NodeClient(redis, store, false)
    this.#store = store
  }

  get isClosed(): boolean {
    return this.#isClosed
  }

  /** One MGET. Whatever it is late with is told by its tokens. */
  async read(entryKeys: readonly string[]): Promise<readonly (Buffer | undefined)[]> {
    try {
      const values = await this.#client.mgetBuffer([...entryKeys])
      return values.map((value) => value ?? undefined)
    } catch (error) {
      throw unavailable(this.#store, 'read', error)
    }
  }

  onConnected(listener: () => void): void {
    this.#listeners.push(listener)
    this.#redis.on('ready', listener)
  }

  close(): void {
    this.#isClosed = true
    for (const listener of this.#listeners) this.#redis.removeListener('ready', listener)
  }
}

/** Events after which others are replicas, or the same over other connections. */
const CHANGES = ['+node', '-node', 'refresh'] as const

/** The replicas of a cluster, over the client's own connections, which ask for READONLY. */
export class ClusterReplicas {
  readonly #cluster: RedisClusterClient
  readonly #store: string
  #byAddress: ReadonlyMap<string, ReplicaNode> | undefined
  readonly #known = new Map<RedisServerClient, ReplicaNode>()
  #turn = 0

  constructor(cluster: RedisClusterClient, store: string) {
    this.#cluster = cluster
    this.#store = store
    for (const event of CHANGES) cluster.on(event, this.#onChange)
  }

  /** One that has the slot, another one each time; undefined where there is none. */
  of(slot: number): ReplicaNode | undefined {
    const [, ...addresses] = this.#cluster.slots[slot] ?? []
    const address = addresses[this.#turn++ % addresses.length]
    return address === undefined ? undefined : this.#nodes().get(address)
  }

  close(): void {
    for (const event of CHANGES) this.#cluster.removeListener(event, this.#onChange)
    for (const node of this.#known.values()) node.close()
    this.#known.clear()
  }

  readonly #onChange = (): void => {
    this.#byAddress = undefined
  }

  #nodes(): ReadonlyMap<string, ReplicaNode> {
    if (this.#byAddress !== undefined) return this.#byAddress
    const replicas = this.#cluster.nodes('slave')
    for (const [redis, node] of this.#known)
      if (!replicas.includes(redis)) {
        this.#known.delete(redis)
        node.close()
      }
    return (this.#byAddress = new Map(
      replicas.map((redis) => [addressOf(redis), this.#nodeOf(redis)]),
    ))
  }

  #nodeOf(redis: RedisServerClient): ReplicaNode {
    const known = this.#known.get(redis) ?? new ReplicaNode(redis, this.#store)
    this.#known.set(redis, known)
    return known
  }
}
