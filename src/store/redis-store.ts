import { InvalidOptionError } from '../core/errors'
import { checkedDuration, checkedOwner } from './command-arguments'
import { isNodeRedis, NodeRedis, type NodeRedisClient } from './node-redis-client'
import { newNonce } from './nonce'
import type { Push, PushingStore, PushListener } from './push'
import { type RedisClient, subscriberOf } from './redis-client'
import { RedisConnection } from './redis-connection'
import { RedisPush } from './redis-push'
import { type RedisScript, SCRIPTS } from './redis-scripts'
import { longLives, scriptLife, setArguments } from './redis-arguments'
import type { EntryWrite, Store, StoreClock, StoreReply, TokenSweep } from './store'
import { parseToken, type TokenState } from './token'
import { TokenMemo } from './token-memo'

const NOTHING: StoreReply = { tokens: [], entries: [] }

/** By then the drift of two clocks amounts to 6 ms. */
const CLOCK_OLD_MS = 60_000

/** The server is asked for the time at most this often. */
const CLOCK_PAUSE_MS = 1_000

/**
 * Keeps tokens and entries in a Redis or Valkey server, reached through a client of yours: an ioredis `Redis`, version
 * 5 or 6, or a connected `createClient()` of node-redis, version 5 or 6. The server may be shared and may evict; its user needs MGET, SET, UNLINK, EVALSHA, EVAL, INFO, TIME, and what
 * the scripts call: GET, GETRANGE, DEL, PTTL, PEXPIRE, PERSIST.
 *
 * Every method is one round trip. On a new connection one more asks for the server's life and clock. Nothing is bounded
 * in time here, whatever the options of the client: `GuardedStore` does that.
 *
 * @throws {InvalidOptionError} SWEEPER_INVALID_OPTION when the client is a cluster, a pool or none of these
 * @throws {StoreUnavailableError} SWEEPER_STORE_UNAVAILABLE from every method, with the server's error word as `reason`,
 *   or `connection-changed`, `not-connected`, `timeout`, `closed`, `ECONNREFUSED` and the like
 * @example
 * new Sweeper(dataSource, { store: new RedisStore(new Redis('redis://cache:6379')) })
 * @example
 * const client = await createClient({ url: 'redis://cache:6379' }).on('error', report).connect()
 * new Sweeper(dataSource, { store: new RedisStore(client) })
 */
export class RedisStore implements Store, PushingStore {
  readonly name = 'redis'
  readonly #client: RedisClient
  // One server, one connection. A cluster has one of these per primary, and keys go to the one of their slot:
  // the hash tags in them keep a record's token and its entries together.
  readonly #connection: RedisConnection
  readonly #memo = new TokenMemo()
  #clockAskedAtMs = -Infinity
  #hasWarned = false

  constructor(client: RedisClient | NodeRedisClient) {
    this.#client = usable(client)
    this.#connection = new RedisConnection(this.name, this.#client)
  }

  /** One MGET. */
  read(tokenKeys: readonly string[], entryKeys: readonly string[]): Promise<StoreReply> {
    const keys = tokenKeys.concat(entryKeys)
    if (keys.length === 0) return Promise.resolve(NOTHING)
    return this.#connection.exchange(
      'read',
      () => this.#client.mgetBuffer(keys),
      (reply, epoch) => this.#replyOf(reply, tokenKeys, epoch),
    )
  }

  /** One script. */
  async mint(tokenKeys: readonly string[], lifeMs: number): Promise<readonly TokenState[]> {
    const life = scriptLife(lifeMs)
    const states = await this.#run('mint', SCRIPTS.mint, tokenKeys, [newNonce(), life])
    return states.map((state) => {
      if (state === undefined) throw new Error('redis store: mint answered what is no token')
      return state
    })
  }

  /** One SET, or one pipeline of them; for lives of hours a script beside it that keeps the tokens as long. */
  async write(entries: readonly EntryWrite[]): Promise<void> {
    const written = entries.filter(({ lifeMs }) => lifeMs > 0)
    const [first] = written
    if (first === undefined) return
    const lives = longLives(written)
    const send = async (): Promise<void> => {
      await Promise.all([
        written.length === 1
          ? this.#client.call('set', setArguments(first))
          : this.#pipeline(written),
        lives.size > 0 && SCRIPTS.prolong.run(this.#client, [...lives.keys()], [...lives.values()]),
      ])
    }
    await this.#connection.exchange('write', send, ignored)
  }

  /** One UNLINK. */
  async remove(entryKeys: readonly string[]): Promise<void> {
    if (entryKeys.length === 0) return
    const send = (): Promise<unknown> => this.#client.call('unlink', [...entryKeys])
    await this.#connection.exchange('remove', send, ignored)
  }

  /** One script. */
  async mark(
    tokenKeys: readonly string[],
    owner: string,
    lastsMs: number,
  ): Promise<readonly (TokenState | undefined)[]> {
    const args = [newNonce(), checkedOwner(owner), checkedDuration(lastsMs)]
    return this.#run('mark', SCRIPTS.mark, tokenKeys, args)
  }

  /** One script. */
  async unmark(tokenKeys: readonly string[], owner: string): Promise<void> {
    await this.#run('unmark', SCRIPTS.unmark, tokenKeys, [newNonce(), owner])
  }

  /** One script. */
  async sweep(
    sweeps: readonly TokenSweep[],
    owner?: string,
  ): Promise<readonly (TokenState | undefined)[]> {
    const rows = sweeps.map(({ row }) => (row ? '1' : '0')).join('')
    const keys = sweeps.map(({ key }) => key)
    return this.#run('sweep', SCRIPTS.sweep, keys, [newNonce(), owner ?? '', rows])
  }

  /** Learned from the replies of scripts; undefined before the first, and after a lost connection. */
  clock(): StoreClock | undefined {
    const { clock } = this.#connection
    const known = clock.read()
    if (known === undefined || clock.ageMs > CLOCK_OLD_MS) this.#refreshClock()
    return known
  }

  onConnected(listener: () => void): () => void {
    return this.#connection.follow((isConnected) => {
      if (isConnected) listener()
    })
  }

  /** On one connection more, made by `client.duplicate()` and closed with the push. */
  listen(namespace: string, listener: PushListener): Push {
    const subscriber = subscriberOf(this.#client)
    if (subscriber === undefined)
      throw new InvalidOptionError(
        'RedisStore: a near tier needs a second connection, and this client has no duplicate(); give a Redis of ioredis 5 or 6',
      )
    return new RedisPush(subscriber, namespace, listener, {
      store: this.name,
      keyPrefix: this.#client.options?.keyPrefix ?? '',
      connection: this.#connection,
    })
  }

  /** Removes its listeners from the client, which stays open. */
  async close(): Promise<void> {
    this.#connection.close()
  }

  async #run(
    operation: string,
    script: RedisScript,
    keys: readonly string[],
    args: readonly (string | number)[],
  ): Promise<readonly (TokenState | undefined)[]> {
    if (keys.length === 0) return []
    let sentAtMs = 0
    const send = (): Promise<unknown> => {
      sentAtMs = Date.now()
      return script.run(this.#client, keys, args)
    }
    return this.#connection.exchange(operation, send, (reply, epoch) => {
      const [us, ...texts] = Array.isArray(reply) ? (reply as readonly unknown[]) : []
      this.#connection.clock.learn(Number(us) / 1000, sentAtMs, Date.now())
      if (texts.length > keys.length) this.#warnOfUnheard()
      return texts
        .slice(0, keys.length)
        .map((text) => (typeof text === 'string' ? parseToken(text, epoch) : undefined))
    })
  }

  #warnOfUnheard(): void {
    if (this.#hasWarned) return
    this.#hasWarned = true
    process.emitWarning(
      'RedisStore: the server does not let its user PUBLISH, so near tiers of other processes do not hear of the writes of this one; allow the channel, as with ACL SETUSER app &*:swept',
      { type: 'SweeperWarning', code: 'SWEEPER_REDIS_PUBLISH_REFUSED' },
    )
  }

  #replyOf(
    values: readonly (Buffer | null)[],
    tokenKeys: readonly string[],
    epoch: string,
  ): StoreReply {
    const tokens = tokenKeys.map((key, index) => {
      const text = values[index] ?? undefined
      return text && this.#memo.read(key, text.toString('latin1'), epoch)
    })
    const entries = values.slice(tokenKeys.length).map((value) => value ?? undefined)
    return { tokens, entries }
  }

  async #pipeline(entries: readonly EntryWrite[]): Promise<void> {
    const replies = await this.#client
      .pipeline(entries.map((entry) => ['set', ...setArguments(entry)]))
      .exec()
    for (const [error] of replies ?? []) if (error instanceof Error) throw error
  }

  #refreshClock(): void {
    const nowMs = performance.now()
    if (nowMs - this.#clockAskedAtMs < CLOCK_PAUSE_MS) return
    this.#clockAskedAtMs = nowMs
    this.#connection.refreshClock()
  }
}

function usable(client: RedisClient | NodeRedisClient): RedisClient {
  if (isNodeRedis(client)) return new NodeRedis(client)
  if (client.isCluster)
    throw new InvalidOptionError(
      'RedisStore: an ioredis Cluster is not supported yet; give a Redis that is connected to one server',
    )
  if (typeof client.mgetBuffer !== 'function' || typeof client.call !== 'function')
    throw new InvalidOptionError(
      'RedisStore: the client is none that it knows; give a Redis of ioredis 5 or 6, or what createClient() of redis 5 or 6 makes',
    )
  return client
}

function ignored(): void {
  // SET says OK, UNLINK how many there were.
}
