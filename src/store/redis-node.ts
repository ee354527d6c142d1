import { checkedDuration, checkedOwner } from './command-arguments'
import { StoreUnavailableError } from '../core/errors'
import { newNonce } from './nonce'
import type { RedisClient } from './redis-client'
import { RedisConnection } from './redis-connection'
import { runIn } from './redis-epoch'
import { type RedisScript, SCRIPTS } from './redis-scripts'
import { longLives, scriptLife, setArguments } from './redis-arguments'
import type { EntryWrite, Store, StoreClock, StoreReply, TokenSweep } from './store'
import type { RedisStoreOptions, ReplicaWait } from './redis-store-options'
import { parseToken, type TokenState } from './token'
import { TokenMemo } from './token-memo'

const NOTHING: StoreReply = { tokens: [], entries: [] }

/** By then the drift of two clocks amounts to 6 ms. */
const CLOCK_OLD_MS = 60_000

/** The server is asked for the time at most this often. */
const CLOCK_PAUSE_MS = 1_000

interface NodeSettings extends RedisStoreOptions {
  readonly name: string
  /** See `RedisConnection`. */
  readonly recheckMs?: number
  /** Whether it tells of moves on a channel of its own: see `tell` in redis-scripts.ts. @default false */
  readonly isOneOfMany?: boolean
}

/** Tokens and entries of one server, through one connection to it: all of Redis, or one primary of a cluster. */
export class RedisNode implements Store {
  readonly name: string
  protected readonly client: RedisClient
  protected readonly connection: RedisConnection
  readonly #isOneOfMany: boolean
  readonly #wait: ReplicaWait | undefined
  readonly #memo = new TokenMemo()
  #clockAskedAtMs = -Infinity
  #hasWarned = false

  constructor(client: RedisClient, { name, wait, recheckMs, isOneOfMany = false }: NodeSettings) {
    this.name = name
    this.client = client
    this.connection = new RedisConnection(name, client, recheckMs)
    this.#isOneOfMany = isOneOfMany
    this.#wait = wait
  }

  /** One MGET. */
  read(tokenKeys: readonly string[], entryKeys: readonly string[]): Promise<StoreReply> {
    const keys = tokenKeys.concat(entryKeys)
    if (keys.length === 0) return Promise.resolve(NOTHING)
    return this.connection.exchange(
      'read',
      () => this.client.mgetBuffer(keys),
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
    const send = (): Promise<unknown> =>
      written.length === 1 ? this.client.call('set', setArguments(first)) : this.#pipeline(written)
    await Promise.all([
      this.connection.exchange('write', send, ignored),
      this.prolong([...longLives(written)]),
    ])
  }

  /** One script, if there are any: tokens live at least as long as this from now on, in milliseconds; 0 for ever. */
  async prolong(lives: readonly (readonly [tokenKey: string, lifeMs: number])[]): Promise<void> {
    if (lives.length === 0) return
    const keys = lives.map(([key]) => key)
    const args = lives.map(([, lifeMs]) => lifeMs)
    const send = (): Promise<unknown> => SCRIPTS.prolong.run(this.client, keys, args)
    await this.connection.exchange('write', send, ignored)
  }

  /** One UNLINK. */
  async remove(entryKeys: readonly string[]): Promise<void> {
    if (entryKeys.length === 0) return
    const send = (): Promise<unknown> => this.client.call('unlink', [...entryKeys])
    await this.connection.exchange('remove', send, ignored)
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

  /** One script, and WAIT after it where replicas are waited for. */
  async sweep(
    sweeps: readonly TokenSweep[],
    owner?: string,
  ): Promise<readonly (TokenState | undefined)[]> {
    const rows = sweeps.map(({ row }) => (row ? '1' : '0')).join('')
    const keys = sweeps.map(({ key }) => key)
    const args = [newNonce(), owner ?? '', rows]
    const found = await this.#run('sweep', SCRIPTS.sweep, keys, args)
    // Not beside it: a server that does not know the script is sent it again, behind a WAIT for nothing.
    if (this.#wait !== undefined && keys.length > 0) await this.#replicated(this.#wait)
    return found
  }

  /** Learned from the replies of scripts; undefined before the first, and after a lost connection. */
  clock(): StoreClock | undefined {
    const { clock } = this.connection
    const known = clock.read()
    if (known === undefined || clock.ageMs > CLOCK_OLD_MS) this.#refreshClock()
    return known
  }

  onConnected(listener: () => void): () => void {
    return this.connection.follow((isConnected) => {
      if (isConnected) listener()
    })
  }

  /** Removes its listeners from the client, which stays open. */
  async close(): Promise<void> {
    this.connection.close()
  }

  async #run(
    operation: string,
    script: RedisScript,
    keys: readonly string[],
    args: readonly (string | number)[],
  ): Promise<readonly (TokenState | undefined)[]> {
    if (keys.length === 0) return []
    const isTold = script === SCRIPTS.mark || script === SCRIPTS.sweep
    let sentAtMs = 0
    const send = (): Promise<unknown> => {
      sentAtMs = Date.now()
      return script.run(this.client, keys, isTold ? [...args, ...this.#channel()] : args)
    }
    return this.connection.exchange(operation, send, (reply, epoch) => {
      const [us, ...texts] = Array.isArray(reply) ? (reply as readonly unknown[]) : []
      this.connection.clock.learn(Number(us) / 1000, sentAtMs, Date.now())
      if (texts.length > keys.length) this.#warnOfUnheard()
      return texts
        .slice(0, keys.length)
        .map((text) => (typeof text === 'string' ? parseToken(text, epoch) : undefined))
    })
  }

  /** Whether the server has been reached: tokens of one that has not are not known here. */
  get isReached(): boolean {
    return this.connection.isOpen
  }

  /** Whether it is asked no more, because another one has taken its place or the store was closed. */
  get isClosed(): boolean {
    return this.connection.isClosed
  }

  /** Connects, or looks whether the server is what it was. 1 round trip. Never rejects. */
  greet(): Promise<void> {
    return this.connection.greet()
  }

  /** Something says that the server has another role now. */
  suspect(): void {
    this.connection.suspect()
  }

  /** Where moves are told: without a run that is known, where all listen. */
  #channel(): readonly string[] {
    const { epoch } = this.connection
    return this.#isOneOfMany && epoch !== undefined ? [runIn(epoch)] : []
  }

  async #replicated({ replicas, ms }: ReplicaWait): Promise<void> {
    await this.connection.exchange(
      'sweep',
      () => this.client.call('wait', [replicas, ms]),
      (reached) => {
        if (Number(reached) >= replicas) return
        throw new StoreUnavailableError(this.name, 'sweep', 'not-replicated')
      },
    )
  }

  #warnOfUnheard(): void {
    if (this.#hasWarned) return
    this.#hasWarned = true
    process.emitWarning(
      'RedisStore: the server does not let its user PUBLISH, so near tiers of other processes do not hear of the writes of this one; allow the channel, as with ACL SETUSER app &*:swept*',
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
    const replies = await this.client
      .pipeline(entries.map((entry) => ['set', ...setArguments(entry)]))
      .exec()
    for (const [error] of replies ?? []) if (error instanceof Error) throw error
  }

  #refreshClock(): void {
    const nowMs = performance.now()
    if (nowMs - this.#clockAskedAtMs < CLOCK_PAUSE_MS) return
    this.#clockAskedAtMs = nowMs
    this.connection.refreshClock()
  }
}

function ignored(): void {
  // SET says OK, UNLINK how many there were.
}
