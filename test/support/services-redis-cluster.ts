import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { promisify } from 'node:util'
import { Cluster, type ClusterOptions, Redis } from 'ioredis'
import { Cluster as Cluster5, type ClusterOptions as ClusterOptions5 } from 'ioredis-5'
import type { ClusterBus } from './cluster-bus'
import { slotOfKey } from '../../src/store/cluster-slots'
import { findProgram, freePort, MissingServiceError, until } from './services-process'
import { redisProgram, RedisServer } from './services-redis-server'

const run = promisify(execFile)

const PRIMARIES = 3
const SERVERS = 6
const SLOTS = 16_384

function commandLine(): string | undefined {
  return findProgram('redis-cli') ?? findProgram('valkey-cli')
}

/** A cluster of six servers, three primaries with a replica each; one for all suites of a run. */
export class RedisClusterService {
  /** The suite's own. */
  readonly namespace = `sweeper-test-${randomBytes(6).toString('hex')}`
  readonly #clients: (Cluster | Cluster5)[] = []
  #cluster: RedisCluster | undefined

  get cluster(): RedisCluster {
    if (this.#cluster === undefined) throw new Error('redisCluster: use it in hooks and tests')
    return this.#cluster
  }

  /** A client that is closed with the suite. */
  connect(options: Omit<ClusterOptions, 'redisOptions'> = {}): Cluster {
    const client = new Cluster([...this.cluster.startup], options)
    client.on('error', () => undefined)
    this.#clients.push(client)
    return client
  }

  connectAs(username: string, password: string): Cluster {
    const client = new Cluster([...this.cluster.startup], { redisOptions: { username, password } })
    client.on('error', () => undefined)
    this.#clients.push(client)
    return client
  }

  connectFifth(options: ClusterOptions5 = {}): Cluster5 {
    const client = new Cluster5([...this.cluster.startup], options)
    client.on('error', () => undefined)
    this.#clients.push(client)
    return client
  }

  async open(): Promise<void> {
    if (redisProgram() === undefined || commandLine() === undefined)
      throw new MissingServiceError('no redis-server and redis-cli on PATH')
    this.#cluster = await (started ??= RedisCluster.start())
    await this.#cluster.healed()
  }

  async close(): Promise<void> {
    for (const client of this.#clients.splice(0)) client.disconnect()
    await this.#cluster?.flush()
    this.#cluster?.disconnect()
  }
}

let started: Promise<RedisCluster> | undefined

/** Slots are numbered, servers are asked: what the tests know of the cluster is what its servers say. */
export class RedisCluster {
  readonly servers: readonly RedisServer[]
  readonly #admins = new Map<RedisServer, Redis>()
  #newcomer: RedisServer | undefined

  readonly #bus: ClusterBus | undefined

  private constructor(servers: readonly RedisServer[], bus: ClusterBus | undefined) {
    this.servers = servers
    this.#bus = bus
  }

  /** @param bus what the servers talk over, where one of them is to be cut off from the others */
  static async start(bus?: ClusterBus): Promise<RedisCluster> {
    const servers: RedisServer[] = []
    for (let index = 0; index < SERVERS; index++) servers.push(await startServer(bus))
    const addresses = servers.map(({ port }) => `127.0.0.1:${port}`)
    const create = ['--cluster', 'create', ...addresses, '--cluster-replicas', '1', '--cluster-yes']
    await run(commandLine() ?? 'redis-cli', create, { timeout: 30_000 })
    return new RedisCluster(servers, bus)
  }

  get startup(): readonly { host: string; port: number }[] {
    return this.servers.map(({ port }) => ({ host: '127.0.0.1', port }))
  }

  /** Asks one server for itself. */
  async ask(server: RedisServer, command: string, ...args: (string | number)[]): Promise<unknown> {
    return this.#admin(server).call(command, args)
  }

  primaryOf(key: string): Promise<RedisServer> {
    return this.primaryOfSlot(slotOfKey(key))
  }

  async primaryOfSlot(slot: number): Promise<RedisServer> {
    const owner = (await this.#ranges()).find(({ from, to }) => from <= slot && slot <= to)
    return this.#at(owner?.ports[0])
  }

  async replicaOf(key: string): Promise<RedisServer> {
    return this.replicaOfPrimary(await this.primaryOf(key))
  }

  async replicaOfPrimary(primary: RedisServer): Promise<RedisServer> {
    const owned = (await this.#ranges()).find(({ ports: [port] }) => port === primary.port)
    return this.#at(owned?.ports[1])
  }

  async primaries(): Promise<readonly RedisServer[]> {
    const ports = new Set((await this.#ranges()).map(({ ports: [port] }) => port))
    return [...ports].map((port) => this.#at(port))
  }

  /** Every primary has a replica that follows it, every slot is served, and all servers say the same. */
  async healed(): Promise<void> {
    await until('the cluster healing', 30_000, async () => {
      const views = await Promise.all(this.servers.map((server) => this.#view(server)))
      return views.every((view) => view !== undefined && view === views[0])
    })
  }

  /** Slot and keys, as `redis-cli --cluster reshard` moves them; `whileMoving` is called with half of the keys moved. */
  async moveSlot(
    slot: number,
    to: RedisServer,
    whileMoving: () => Promise<void> = () => Promise.resolve(),
  ): Promise<void> {
    const ranges = await this.#ranges()
    const from = this.#at(ranges.find((range) => range.from <= slot && slot <= range.to)?.ports[0])
    const [fromId, toId] = [await this.#id(from), await this.#id(to)]
    await this.ask(to, 'cluster', 'setslot', slot, 'importing', fromId)
    await this.ask(from, 'cluster', 'setslot', slot, 'migrating', toId)
    const keys = (await this.ask(from, 'cluster', 'getkeysinslot', slot, 100_000)) as string[]
    const half = Math.ceil(keys.length / 2)
    await this.#migrate(from, to, keys.slice(0, half))
    await whileMoving()
    await this.#migrate(from, to, keys.slice(half))
    const left = (await this.ask(from, 'cluster', 'getkeysinslot', slot, 100_000)) as string[]
    await this.#migrate(from, to, left)
    for (const server of [to, from])
      await this.ask(server, 'cluster', 'setslot', slot, 'node', toId)
  }

  /** The slot of one of the keys there are. @param share from 0 to 1, which */
  async slotWithKeys(share: number): Promise<number | undefined> {
    const slots = new Set<number>()
    for (const server of await this.primaries())
      for (const key of (await this.ask(server, 'keys', '*')) as string[]) slots.add(slotOfKey(key))
    return [...slots].at(Math.floor(share * slots.size) % (slots.size || 1))
  }

  /** Resolves when another server has the slots of a dead one. */
  async promoted(dead: RedisServer): Promise<void> {
    await until('a replica taking over', 15_000, async () => {
      const ports = new Set((await this.#ranges(dead)).map(({ ports: [port] }) => port))
      return ports.size === PRIMARIES && !ports.has(dead.port)
    })
  }

  /** Ends all servers. */
  async stop(): Promise<void> {
    this.disconnect()
    for (const server of this.servers) await server.stop()
    await this.#bus?.close()
  }

  /** None of the others hears of it, nor it of them, while clients reach it as before. */
  async cutOff(server: RedisServer): Promise<void> {
    if (this.#bus === undefined) throw new Error('the cluster: started without a bus of its own')
    const id = await this.#id(server)
    const before = this.#bus.refused
    this.#bus.cutOff(id, busOf(server))
    await until('a message being lost', 10_000, () => (this.#bus?.refused ?? 0) > before)
  }

  joinAll(): void {
    this.#bus?.pass()
  }

  /** Its primary does not take it for its replica any more; it goes on with what it has. */
  async stopReplicating(replica: RedisServer): Promise<void> {
    await this.ask(replica, 'config', 'set', 'masterauth', 'wrong')
    await this.ask(replica, 'client', 'kill', 'type', 'master')
    await until('the replica being behind', 5_000, async () =>
      String(await this.ask(replica, 'info', 'replication')).includes('master_link_status:down'),
    )
  }

  async replicate(replica: RedisServer): Promise<void> {
    await this.ask(replica, 'config', 'set', 'masterauth', '')
  }

  /** Makes a replica a primary, and its primary its replica; nothing is lost, and connections stand. */
  async promote(replica: RedisServer): Promise<void> {
    await this.ask(replica, 'cluster', 'failover')
    await until('a replica being promoted', 10_000, async () =>
      String(await this.ask(replica, 'role')).startsWith('master'),
    )
    await this.healed()
  }

  /** A seventh server, which has no slot and is gone afterwards. */
  async withNewcomer(work: (newcomer: RedisServer) => Promise<void>): Promise<void> {
    const newcomer = await startServer()
    try {
      const [member] = this.servers
      await this.ask(newcomer, 'cluster', 'meet', '127.0.0.1', member?.port ?? 0, busOf(member))
      await until('the newcomer knowing the cluster', 10_000, async () =>
        String(await this.ask(newcomer, 'cluster', 'info')).includes('cluster_state:ok'),
      )
      await until('the cluster knowing the newcomer', 10_000, async () => this.#isKnown(newcomer))
      this.#newcomer = newcomer
      await work(newcomer)
    } finally {
      this.#newcomer = undefined
      const id = await this.#id(newcomer)
      this.#admins.get(newcomer)?.disconnect()
      await newcomer.stop()
      for (const server of this.servers) await this.ask(server, 'cluster', 'forget', id)
    }
  }

  async #isKnown(newcomer: RedisServer): Promise<boolean> {
    const id = await this.#id(newcomer)
    const views = await Promise.all(
      this.servers.map((server) => this.ask(server, 'cluster', 'nodes')),
    )
    return views.every((view) => String(view).includes(id) && !/handshake/.test(String(view)))
  }

  /** From now on a server that is not heard of for a second counts as dead. */
  async failsSoon(): Promise<void> {
    await this.healed()
    for (const server of this.servers)
      await this.ask(server, 'config', 'set', 'cluster-node-timeout', 1_000)
  }

  async flush(): Promise<void> {
    for (const server of await this.primaries()) await this.ask(server, 'flushall')
  }

  /** Ends the connections of its own; the servers end with the run. */
  disconnect(): void {
    for (const admin of this.#admins.values()) admin.disconnect()
    this.#admins.clear()
  }

  async #migrate(from: RedisServer, to: RedisServer, keys: readonly string[]): Promise<void> {
    if (keys.length === 0) return
    await this.ask(from, 'migrate', '127.0.0.1', to.port, '', 0, 5_000, 'keys', ...keys)
  }

  async #id(server: RedisServer): Promise<string> {
    return String(await this.ask(server, 'cluster', 'myid'))
  }

  /** @param besides one that is not to be asked: it may not know */
  async #ranges(
    besides?: RedisServer,
  ): Promise<readonly { from: number; to: number; ports: readonly number[] }[]> {
    for (const server of this.servers.filter((one) => one !== besides)) {
      try {
        return rangesOf(await this.ask(server, 'cluster', 'slots'))
      } catch {
        // It may have been killed; another one tells.
      }
    }
    throw new Error('the cluster: none of its servers answers')
  }

  #at(port: number | undefined): RedisServer {
    const server = [...this.servers, this.#newcomer].find((one) => one?.port === port)
    if (server === undefined) throw new Error(`the cluster: no server of it is on port ${port}`)
    return server
  }

  /** What a server knows, if nothing is wrong in it. */
  async #view(server: RedisServer): Promise<string | undefined> {
    try {
      const info = String(await this.ask(server, 'cluster', 'info'))
      const replication = String(await this.ask(server, 'info', 'replication'))
      const ranges = rangesOf(await this.ask(server, 'cluster', 'slots'))
      const served = ranges.reduce((sum, { from, to }) => sum + to - from + 1, 0)
      const isWell =
        info.includes('cluster_state:ok') &&
        /role:master|master_link_status:up/.test(replication) &&
        served === SLOTS &&
        new Set(ranges.map(({ ports: [port] }) => port)).size === PRIMARIES &&
        ranges.every(({ ports }) => ports.length === 2)
      return isWell ? JSON.stringify(ranges) : undefined
    } catch {
      // Not up yet.
      return undefined
    }
  }

  #admin(server: RedisServer): Redis {
    const known = this.#admins.get(server)
    if (known !== undefined) return known
    const admin = new Redis(server.url, { retryStrategy: () => 50, maxRetriesPerRequest: 0 })
    // Told by the commands.
    admin.on('error', () => undefined)
    this.#admins.set(server, admin)
    return admin
  }
}

/** The ports on which servers of clusters talk to each other. */
const buses = new WeakMap<RedisServer, number>()

function busOf(server: RedisServer | undefined): number {
  const bus = server && buses.get(server)
  if (bus === undefined) throw new Error('the cluster: no such server')
  return bus
}

async function startServer(proxies?: ClusterBus): Promise<RedisServer> {
  const bus = await freePort()
  const announced = await proxies?.before(bus)
  const server = await RedisServer.start([
    ...['--cluster-enabled', 'yes', '--cluster-port', String(bus)],
    // On a busy machine servers are slow to meet, and must not be taken for dead: see `failsSoon`.
    ...['--cluster-node-timeout', '5000', '--cluster-replica-validity-factor', '0'],
    // The rest of the cluster goes on without a primary that has died.
    ...['--cluster-require-full-coverage', 'no'],
    ...(announced === undefined ? [] : ['--cluster-announce-bus-port', String(announced)]),
    ...['--cluster-allow-replica-migration', 'no', '--repl-diskless-sync-delay', '0'],
  ])
  buses.set(server, bus)
  return server
}

function rangesOf(reply: unknown): readonly { from: number; to: number; ports: number[] }[] {
  // As CLUSTER SLOTS is documented: from, to, then one array per server that begins with host and port.
  const ranges = reply as [number, number, ...[string, number, ...unknown[]][]][]
  return ranges
    .map(([from, to, ...servers]) => ({ from, to, ports: servers.map(([, port]) => port) }))
    .toSorted((one, other) => one.from - other.from)
}
