import { StoreUnavailableError } from '../core/errors'
import { withDeadline } from './deadline'
import { unavailable } from './failure-reason'
import type { Push, PushListener } from './push'
import type { RedisSubscriber } from './redis-client'
import { LOST, type RedisConnection } from './redis-connection'
import { runOf } from './redis-epoch'

/** A connection that has not answered for as long as this is lost, whatever TCP says. */
const HEARTBEAT_MS = 1_000

/** What the scripts publish to: see `tell` in redis-scripts.ts. */
function channelOf(namespace: string): string {
  return `${namespace}:swept`
}

export interface RedisPushOptions {
  readonly store: string
  /** Prefix of the client's keys, which the scripts see and the library does not. */
  readonly keyPrefix: string
  /** The store's own. Absent for one server of a cluster: there servers are told apart by their addresses. */
  readonly connection?: Pick<RedisConnection, 'epoch' | 'follow'>
}

/**
 * Hears the moves of a namespace on a connection of its own, by SUBSCRIBE: the scripts publish as they run, so a
 * message is in this connection's stream before the writer has its acknowledgement, and a PING sent after that comes
 * back behind it. That is the fence.
 *
 * Deaf while there is no connection, while it has not answered a heartbeat, and while it is to another life of a server
 * than the store's own connection: a fail-over may move one before the other.
 *
 * To one server of a cluster it listens on that server's own channel too.
 */
export class RedisPush implements Push {
  readonly #client: RedisSubscriber
  readonly #channel: string
  readonly #listener: PushListener
  readonly #options: RedisPushOptions
  readonly #heartbeat: NodeJS.Timeout
  readonly #unfollow: (() => void) | undefined
  #run: string | undefined
  #isListening = false
  #isClosed = false
  #generation = 0

  constructor(
    client: RedisSubscriber,
    namespace: string,
    listener: PushListener,
    options: RedisPushOptions,
  ) {
    this.#client = client
    this.#channel = channelOf(options.keyPrefix + namespace)
    this.#listener = listener
    this.#options = options
    client.on('ready', this.#onReady)
    client.on('messageBuffer', this.#onMessage)
    // Told by its consequence, `deaf`; without a listener the client would print it.
    client.on('error', this.#onError)
    for (const event of LOST) client.on(event, this.#onLost)
    this.#unfollow = options.connection?.follow(() => this.#compare())
    this.#heartbeat = setInterval(() => this.#beat(), HEARTBEAT_MS).unref()
  }

  async fence(): Promise<void> {
    const generation = this.#generation
    if (!this.#isListening) throw this.#failure('not-connected')
    try {
      await this.#client.ping()
    } catch (error) {
      throw unavailable(this.#options.store, 'fence', error)
    }
    if (generation !== this.#generation || !this.#isListening)
      throw this.#failure('connection-changed')
  }

  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    clearInterval(this.#heartbeat)
    this.#unfollow?.()
    this.#onLost()
    this.#client.removeListener('ready', this.#onReady)
    this.#client.removeListener('messageBuffer', this.#onMessage)
    for (const event of LOST) this.#client.removeListener(event, this.#onLost)
    this.#client.disconnect()
  }

  readonly #onReady = (): void => {
    const generation = ++this.#generation
    this.#subscribe(generation).catch(() => {
      // Stays deaf. The next heartbeat finds no subscription and connects anew.
    })
  }

  readonly #onLost = (): void => {
    this.#generation++
    this.#run = undefined
    this.#compare()
  }

  readonly #onError = (): void => undefined

  readonly #onMessage = (_channel: unknown, message: unknown): void => {
    if (!Buffer.isBuffer(message)) return
    const from = this.#options.keyPrefix.length
    this.#listener.moved(
      message
        .toString('latin1')
        .split('\n')
        .map((key) => key.slice(from)),
    )
  }

  async #subscribe(generation: number): Promise<void> {
    const run = runOf(String(await this.#client.call('info', ['server'])))
    await this.#client.subscribe(this.#channel)
    if (this.#options.connection === undefined && run !== undefined)
      await this.#client.subscribe(`${this.#channel}:${run}`)
    if (generation !== this.#generation) return
    this.#run = run
    this.#compare()
  }

  #compare(): void {
    const isSure = this.#run !== undefined && this.#isOfStore(this.#run)
    if (isSure === this.#isListening) return
    this.#isListening = isSure
    if (isSure) this.#listener.listening()
    else this.#listener.deaf()
  }

  #isOfStore(run: string): boolean {
    const { connection } = this.#options
    return connection === undefined || connection.epoch?.startsWith(run) === true
  }

  /** Half-open connections say nothing by themselves. */
  #beat(): void {
    const generation = this.#generation
    withDeadline(this.#client.ping(), HEARTBEAT_MS, () => this.#failure('timeout')).then(
      () => undefined,
      () => {
        if (this.#isClosed || generation !== this.#generation) return
        this.#onLost()
        this.#client.disconnect(true)
      },
    )
  }

  #failure(reason: string): StoreUnavailableError {
    return new StoreUnavailableError(this.#options.store, 'fence', reason)
  }
}
