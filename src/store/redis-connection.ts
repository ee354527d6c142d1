import { StoreUnavailableError } from '../core/errors'
import { unavailable } from './failure-reason'
import type { RedisClient } from './redis-client'
import { epochOf, lineageOf } from './redis-epoch'
import { ServerClock } from './server-clock'

/** One connection to one life of one server. Another object is another connection. */
export interface RedisSession {
  /** Names the server's life. */
  readonly epoch: string
}

/** The epoch of servers that do not tell theirs. */
const UNKNOWN_EPOCH = '-'

/** By an access list, or because the command was renamed. */
const INFO_REFUSED = ['NOPERM', 'ERR']

export const LOST = ['close', 'reconnecting', 'end'] as const

/**
 * Follows the connection of a client, and lets nothing pass that was answered by another one than it was sent in:
 * clients send again what had no reply when a connection was lost, to whatever server is there then (consistency H5c).
 */
export class RedisConnection {
  readonly clock = new ServerClock()
  readonly #store: string
  readonly #client: RedisClient
  #session: RedisSession | undefined
  #opening: Promise<RedisSession> | undefined
  #generation = 0
  readonly #followers = new Set<(isConnected: boolean) => void>()
  #isClosed = false
  #hasWarned = false
  readonly #recheckMs: number
  #recheckedAtMs = -Infinity

  /**
   * @param recheckMs how long a server is taken for what it was without asking: the roles of a cluster's servers change
   *   while connections stand, and one that was replaced and is promoted again may have lost sweeps
   */
  constructor(store: string, client: RedisClient, recheckMs = Infinity) {
    this.#store = store
    this.#client = client
    this.#recheckMs = recheckMs
    client.on('ready', this.#onReady)
    for (const event of LOST) client.on(event, this.#onLost)
  }

  get isClosed(): boolean {
    return this.#isClosed
  }

  get isOpen(): boolean {
    return this.#session !== undefined
  }

  /** The life of the server it talks to; undefined while there is none, or none that says so. */
  get epoch(): string | undefined {
    const epoch = this.#session?.epoch
    return epoch === UNKNOWN_EPOCH ? undefined : epoch
  }

  /**
   * Calls when the connection is lost, and when it is there again before anything is answered in it.
   *
   * @returns ends it
   */
  follow(follower: (isConnected: boolean) => void): () => void {
    this.#followers.add(follower)
    return () => this.#followers.delete(follower)
  }

  /**
   * Sends a command, once the server's epoch is known.
   *
   * @param read makes of the reply what is asked for
   * @throws {StoreUnavailableError} SWEEPER_STORE_UNAVAILABLE whatever goes wrong
   */
  async exchange<Reply, Result>(
    operation: string,
    send: () => Promise<Reply>,
    read: (reply: Reply, epoch: string) => Result,
  ): Promise<Result> {
    try {
      const session = this.#session ?? (await this.#open(operation))
      this.#recheck(session)
      const reply = await send()
      if (session !== this.#session) throw this.#failure(operation, 'connection-changed')
      return read(reply, session.epoch)
    } catch (error) {
      const failure = unavailable(this.#store, operation, error)
      // A primary that was made a replica while connected: its tokens are the past of another server's.
      if (failure.reason === 'READONLY') this.#onLost()
      throw failure
    }
  }

  /** Connects and learns the server's life, or whether it is still the same. 1 round trip. Never rejects. */
  async greet(): Promise<void> {
    try {
      const session = this.#session ?? (await this.#open('connect'))
      this.#recheck(session)
    } catch (error) {
      // Whoever needs the server is told so by a command of its own.
      if (!(error instanceof StoreUnavailableError)) throw error
    }
  }

  /** Something says that the server has another role now: the next command asks first. */
  suspect(): void {
    this.#recheckedAtMs = -Infinity
  }

  /** Ahead of a command, so that the answer is there before that of the command. */
  #recheck(session: RedisSession): void {
    const nowMs = performance.now()
    if (nowMs - this.#recheckedAtMs < this.#recheckMs) return
    this.#recheckedAtMs = nowMs
    this.#client.call('info', ['replication']).then(
      (reply) => {
        const lineage = lineageOf(String(reply))
        if (session === this.#session && !session.epoch.endsWith(lineage)) this.#onLost()
      },
      // Lost connections tell so themselves; who may not ask does not know the epoch either.
      () => undefined,
    )
  }

  /** Asks for the time, without waiting for it. */
  refreshClock(): void {
    if (this.#session === undefined) return
    const sentAtMs = Date.now()
    this.exchange(
      'time',
      () => this.#client.call('time', []),
      (reply) => this.clock.learn(millisecondsOf(reply), sentAtMs, Date.now()),
      // Whoever needs the server notices by a command of its own; the clock goes on ageing.
    ).catch(() => undefined)
  }

  close(): void {
    this.#isClosed = true
    this.#client.removeListener('ready', this.#onReady)
    for (const event of LOST) this.#client.removeListener(event, this.#onLost)
    this.#onLost()
  }

  readonly #onReady = (): void => {
    // The first command finds the epoch known. If this fails, that command asks again and tells.
    this.#open('connect').catch(() => undefined)
  }

  readonly #onLost = (): void => {
    this.#generation++
    this.#session = undefined
    this.#opening = undefined
    this.clock.forget()
    this.#tell()
  }

  async #open(operation: string): Promise<RedisSession> {
    if (this.#isClosed) throw this.#failure(operation, 'closed')
    const opening = (this.#opening ??= this.#greet(this.#generation))
    try {
      return await opening
    } catch (error) {
      if (this.#opening === opening) this.#opening = undefined
      throw unavailable(this.#store, operation, error)
    }
  }

  async #greet(generation: number): Promise<RedisSession> {
    const sentAtMs = Date.now()
    const time = this.#client.call('time', []).then(
      (reply) => ({ serverMs: millisecondsOf(reply), receivedAtMs: Date.now() }),
      // Not allowed to ask: then no age can be proved, and nothing else is lost.
      () => undefined,
    )
    const [server, replication] = await Promise.allSettled([
      this.#client.call('info', ['server']),
      this.#client.call('info', ['replication']),
    ])
    const epoch = this.#epochOf(server, textOf(replication))
    const heard = await time
    if (generation !== this.#generation) throw this.#failure('connect', 'connection-changed')
    if (/^role:slave/m.test(textOf(replication))) throw this.#failure('connect', 'READONLY')
    if (heard !== undefined) this.clock.learn(heard.serverMs, sentAtMs, heard.receivedAtMs)
    const session = (this.#session = { epoch })
    this.#recheckedAtMs = performance.now()
    this.#tell()
    return session
  }

  #epochOf(server: PromiseSettledResult<unknown>, replication: string): string {
    if (server.status === 'rejected') {
      const { reason } = unavailable(this.#store, 'connect', server.reason)
      if (!INFO_REFUSED.includes(reason)) throw server.reason
    }
    const epoch = epochOf(textOf(server), replication)
    if (epoch !== undefined) return epoch
    this.#warnOfUnknownEpoch()
    return UNKNOWN_EPOCH
  }

  #warnOfUnknownEpoch(): void {
    if (this.#hasWarned) return
    this.#hasWarned = true
    process.emitWarning(
      `RedisStore: the server does not tell its run id (INFO server), so a server that comes back with old data, from a snapshot or by a failover, is not noticed and may serve old values; allow the user the command INFO`,
      { type: 'SweeperWarning', code: 'SWEEPER_REDIS_EPOCH_UNKNOWN' },
    )
  }

  #tell(): void {
    const isConnected = this.#session !== undefined
    for (const follower of this.#followers) follower(isConnected)
  }

  #failure(operation: string, reason: string): StoreUnavailableError {
    return new StoreUnavailableError(this.#store, operation, reason)
  }
}

function textOf(settled: PromiseSettledResult<unknown>): string {
  return settled.status === 'fulfilled' ? String(settled.value) : ''
}

/** Of a TIME reply: seconds and microseconds. */
function millisecondsOf(reply: unknown): number {
  const [seconds, microseconds] = Array.isArray(reply) ? (reply as readonly unknown[]) : []
  return Number(seconds) * 1000 + Number(microseconds) / 1000
}
