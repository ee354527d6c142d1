import { Redis, type RedisOptions } from 'ioredis'
import { MissingServiceError, until } from './services-process'
import { redisProgram, RedisServer } from './services-redis-server'

/** What the sentinels call the primary. */
const NAME = 'cache'
const SENTINELS = 3

/** A primary with a replica and three sentinels that watch them. */
export class RedisSentinelService {
  readonly #clients: Redis[] = []
  readonly #sentinels: RedisServer[] = []
  #servers: readonly [primary: RedisServer, replica: RedisServer] | undefined

  get servers(): readonly [primary: RedisServer, replica: RedisServer] {
    if (this.#servers === undefined) throw new Error('redisSentinel: use it in hooks and tests')
    return this.#servers
  }

  /** A client that asks the sentinels where the primary is; closed with the suite. */
  connect(options: Omit<RedisOptions, 'replyMapping'> = {}): Redis {
    const client = new Redis({
      sentinels: this.#sentinels.map(({ port }) => ({ host: '127.0.0.1', port })),
      name: NAME,
      sentinelRetryStrategy: () => 50,
      retryStrategy: () => 50,
      ...options,
    })
    // What goes wrong is told by the commands.
    client.on('error', () => undefined)
    this.#clients.push(client)
    return client
  }

  /** A client of one server, whatever its role; closed with the suite. */
  connectTo(server: RedisServer): Redis {
    const client = new Redis(server.url, { retryStrategy: () => 50 })
    client.on('error', () => undefined)
    this.#clients.push(client)
    return client
  }

  async open(): Promise<void> {
    if (redisProgram() === undefined) throw new MissingServiceError('no redis-server on PATH')
    const eager = ['--repl-diskless-sync-delay', '0']
    const primary = await RedisServer.start(eager)
    const replica = await RedisServer.start([
      ...eager,
      '--replicaof',
      '127.0.0.1',
      `${primary.port}`,
    ])
    this.#servers = [primary, replica]
    const follower = this.connectTo(replica)
    await until('the replica following', 10_000, async () =>
      (await follower.info('replication')).includes('master_link_status:up'),
    )
    for (let index = 0; index < SENTINELS; index++)
      this.#sentinels.push(await RedisServer.startSentinel(NAME, primary.port))
    await Promise.all(this.#sentinels.map((sentinel) => this.#seesAll(sentinel)))
  }

  async close(): Promise<void> {
    for (const client of this.#clients.splice(0)) client.disconnect()
    for (const server of [...this.#sentinels.splice(0), ...(this.#servers ?? [])])
      await server.stop()
  }

  /** A sentinel alone decides nothing: it knows the replica and the other sentinels. */
  async #seesAll(sentinel: RedisServer): Promise<void> {
    const client = this.connectTo(sentinel)
    await until('a sentinel seeing all', 15_000, async () => {
      const info = await client.info('sentinel')
      return info.includes(`slaves=1,sentinels=${SENTINELS}`)
    })
  }
}
