import { StoreUnavailableError } from '../core/errors'
import {
  addressOf,
  connectionTo,
  type RedisClusterClient,
  type RedisServerClient,
  reachable,
  subscriberTo,
} from './cluster-client'
import { type ClusterMember, membersIn } from './cluster-members'
import { NodeClient } from './node-client'
import type { RedisSubscriber } from './redis-client'
import { RedisNode } from './redis-node'
import type { RedisStoreOptions } from './redis-store-options'

/** A server is asked whether it is still the same primary at most this often, ahead of a command. */
const RECHECK_MS = 1_000

/** After failures the cluster is asked who has which slot at most this often. */
const REFRESH_PAUSE_MS = 100

export interface ClusterNodesOptions extends RedisStoreOptions {
  readonly name: string
}

interface Server {
  readonly redis: RedisServerClient
  readonly node: RedisNode
  /** For keys that are on their way to it; made when it is first needed. */
  asking?: RedisNode
}

/** The primaries of a cluster, each through its own connection, and who of them has which slot. */
export class ClusterNodes {
  readonly #cluster: RedisClusterClient
  readonly #options: ClusterNodesOptions
  readonly #servers = new Map<RedisServerClient, Server>()
  /** Servers that have no slot yet, and so are unknown to the client. */
  readonly #strangers = new Map<string, Server>()
  /** What servers said since the client last asked. */
  readonly #moved = new Map<number, string>()
  readonly #listeners = new Set<() => void>()
  #byAddress: ReadonlyMap<string, Server> | undefined
  #refreshing: Promise<void> | undefined
  #refreshedAtMs = -Infinity
  #asked = 0

  constructor(cluster: RedisClusterClient, options: ClusterNodesOptions) {
    this.#cluster = cluster
    this.#options = options
    cluster.on('+node', this.#onChange)
    cluster.on('-node', this.#onLost)
    cluster.on('refresh', this.#onRefresh)
    this.#greetAll()
  }

  /** The primaries that are known, connected or not. */
  primaries(): readonly RedisNode[] {
    return [...this.#known().values()].map(({ node }) => node)
  }

  /** Who has the slot, as far as it is known. */
  of(slot: number): RedisNode | undefined {
    const address = this.#moved.get(slot) ?? this.#cluster.slots[slot]?.[0]
    return address === undefined ? undefined : this.#known().get(address)?.node
  }

  /** Who has the slot once the client has connected, or has asked again. Rejects as the client does. */
  async find(slot: number): Promise<RedisNode | undefined> {
    // Waits for the connection, and begins it where that was left to the first command.
    if (this.#cluster.slots.length === 0) await this.#cluster.call('time', [])
    if (this.of(slot) === undefined) await this.refresh()
    return this.of(slot)
  }

  /** A server says that another one has the slot. */
  async moved(slot: number, said: string): Promise<void> {
    const address = reachable(said, this.#cluster.options.natMap)
    if (!this.#known().has(address)) return this.refresh()
    this.#moved.set(slot, address)
    this.refreshSoon()
  }

  /** A server says that the key is on its way to another one. */
  asking(said: string): RedisNode | undefined {
    const address = reachable(said, this.#cluster.options.natMap)
    const server = this.#known().get(address) ?? this.#stranger(address)
    return server && (server.asking ??= this.#nodeOf(server.redis, true))
  }

  /** Asks who has which slot. 1 round trip. Never rejects: whoever has no answer goes on with the old one. */
  refresh(): Promise<void> {
    this.#refreshedAtMs = performance.now()
    this.#refreshing ??= new Promise<void>((resolve) => {
      this.#cluster.refreshSlotsCache(() => resolve())
    }).finally(() => {
      this.#refreshing = undefined
    })
    return this.#refreshing
  }

  refreshSoon(): void {
    if (performance.now() - this.#refreshedAtMs > REFRESH_PAUSE_MS) void this.refresh()
  }

  /** Calls when a server is reached over another connection than before. */
  onConnected(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** All servers there are, as one of them says: another one each time. 1 round trip. Rejects as it does. */
  async members(): Promise<readonly ClusterMember[]> {
    const [first] = this.#cluster.nodes('master')
    if (first === undefined) await this.#cluster.call('time', [])
    const primaries = this.#cluster.nodes('master')
    const asked = primaries[this.#asked++ % primaries.length]
    if (asked === undefined)
      throw new StoreUnavailableError(this.#options.name, 'connect', 'not-connected')
    return membersIn(String(await asked.call('cluster', ['nodes'])), asked.options.host ?? '')
  }

  /** The address of a member, from here. */
  reach({ addresses }: ClusterMember): string {
    const natMap = this.#cluster.options.natMap
    const reached = addresses.map((address) => reachable(address, natMap))
    const known = new Set(this.#cluster.nodes('all').map(addressOf))
    // By whichever name the servers are known: certificates are of that.
    return reached.find((address) => known.has(address)) ?? reached[0] ?? addresses[0]
  }

  /** A connection that hears what is published at a server; the caller's to end. */
  listenTo(address: string): RedisSubscriber {
    const [like] = this.#cluster.nodes('all')
    if (like === undefined)
      throw new StoreUnavailableError(this.#options.name, 'connect', 'not-connected')
    return subscriberTo(address, like)
  }

  async close(): Promise<void> {
    this.#listeners.clear()
    this.#cluster.removeListener('+node', this.#onChange)
    this.#cluster.removeListener('-node', this.#onLost)
    this.#cluster.removeListener('refresh', this.#onRefresh)
    for (const server of this.#servers.values()) await closeServer(server)
    for (const address of this.#strangers.keys()) this.#forgetStranger(address)
    this.#servers.clear()
  }

  readonly #onChange = (): void => {
    this.#byAddress = undefined
  }

  readonly #onRefresh = (): void => {
    this.#byAddress = undefined
    this.#moved.clear()
    for (const address of this.#known().keys()) this.#forgetStranger(address)
    this.#greetAll()
  }

  readonly #onLost = (redis: unknown): void => {
    this.#byAddress = undefined
    // One of those that `nodes` gave.
    this.#forget(redis as RedisServerClient)
    this.refreshSoon()
  }

  /** Also of a process that has nothing to ask: what it has swept lately may have to be sent again. */
  #greetAll(): void {
    for (const node of this.primaries()) void node.greet()
  }

  #known(): ReadonlyMap<string, Server> {
    if (this.#byAddress !== undefined) return this.#byAddress
    const primaries = this.#cluster.nodes('master')
    for (const redis of this.#servers.keys()) if (!primaries.includes(redis)) this.#forget(redis)
    return (this.#byAddress = new Map(
      primaries.map((redis) => [addressOf(redis), this.#serverOf(redis)]),
    ))
  }

  /** Also of one that was made a replica, connected as it is: promoted again it may have lost sweeps. */
  #forget(redis: RedisServerClient): void {
    const server = this.#servers.get(redis)
    if (server === undefined) return
    this.#servers.delete(redis)
    void closeServer(server)
  }

  #serverOf(redis: RedisServerClient): Server {
    let server = this.#servers.get(redis)
    if (server === undefined) {
      server = { redis, node: this.#nodeOf(redis, false) }
      this.#servers.set(redis, server)
    }
    return server
  }

  #nodeOf(redis: RedisServerClient, isAsking: boolean): RedisNode {
    const { name, wait } = this.#options
    const client = new NodeClient(redis, name, isAsking)
    const node = new RedisNode(client, {
      ...{ name, wait },
      recheckMs: RECHECK_MS,
      isOneOfMany: true,
    })
    node.onConnected(() => {
      for (const listener of this.#listeners) listener()
    })
    return node
  }

  #stranger(address: string): Server | undefined {
    const known = this.#strangers.get(address)
    if (known !== undefined) return known
    const [like] = this.#servers.keys()
    if (like === undefined) return undefined
    const redis = connectionTo(address, like)
    const server = { redis, node: this.#nodeOf(redis, false) }
    redis.on('end', () => this.#forgetStranger(address))
    this.#strangers.set(address, server)
    return server
  }

  #forgetStranger(address: string): void {
    const server = this.#strangers.get(address)
    if (server === undefined) return
    this.#strangers.delete(address)
    void closeServer(server)
    server.redis.disconnect()
  }
}

async function closeServer({ node, asking }: Server): Promise<void> {
  await Promise.all([node.close(), asking?.close()])
}
