import type { RedisClient, RedisPipelineReply, RedisSubscriber } from './redis-client'

type Listener = (...args: unknown[]) => void

interface SendOptions {
  readonly typeMapping: Record<number, unknown>
}

/**
 * The part of a node-redis client (`createClient()` of `redis`, version 5 or 6) that `RedisStore` uses. It has to be
 * connected by who made it. Raw commands are sent, so its `keyPrefix` does not reach them: the namespace does for that.
 */
export interface NodeRedisClient {
  /** Pools, clusters and sentinels of node-redis have none. */
  readonly isWatching: boolean
  sendCommand(args: readonly (string | Buffer)[], options?: SendOptions): Promise<unknown>
  on(event: string, listener: Listener): unknown
  removeListener(event: string, listener: Listener): unknown
  duplicate(overrides: { RESP: 3 }): unknown
}

/** What a duplicate of a node-redis client can do besides. */
interface NodeRedisSubscriber extends NodeRedisClient {
  readonly isOpen: boolean
  readonly isReady: boolean
  connect(): Promise<unknown>
  destroy(): void
  subscribe(channel: string, listener: NodeRedisListener, bufferMode: true): Promise<unknown>
}

type NodeRedisListener = (message: Buffer, channel: Buffer) => void
/** Strings are strings, whatever mapping of types the client has otherwise. */
const TEXTS: SendOptions = { typeMapping: {} }
/** The byte by which the protocol begins a binary string: `$`. */
const BUFFERS: SendOptions = { typeMapping: { 36: Buffer } }

/**
 * For what ioredis calls `close`. Not every end of a connection is told here, but every beginning of one is, before
 * anything is sent in it (redis 5.12.1 and 6.3.1, client/socket.js); not so `ready`, which may come after replies.
 */
const EVENTS: Readonly<Record<string, string>> = { close: 'connect' }

const eventOf = (event: string): string => EVENTS[event] ?? event

export function isNodeRedis(client: object): client is NodeRedisClient {
  return 'isWatching' in client && 'sendCommand' in client
}

/** A node-redis client in the shape of an ioredis one. Round trips are the same. */
export class NodeRedis implements RedisClient {
  readonly isCluster = false
  readonly #client: NodeRedisClient

  constructor(client: NodeRedisClient) {
    this.#client = client
  }

  async mgetBuffer(keys: string[]): Promise<(Buffer | null)[]> {
    // One binary string, or nothing, per key.
    return (await this.#client.sendCommand(['MGET', ...keys], BUFFERS)) as (Buffer | null)[]
  }

  call(command: string, args: (string | Buffer | number)[]): Promise<unknown> {
    const texts = args.map((arg) => (typeof arg === 'number' ? String(arg) : arg))
    return this.#client.sendCommand([command.toUpperCase(), ...texts], TEXTS)
  }

  /** Commands of one tick go out together. */
  pipeline(commands: unknown[][]): { exec(): Promise<RedisPipelineReply> } {
    const exec = async (): Promise<RedisPipelineReply> => {
      const settled = await Promise.allSettled(
        // As `RedisStore` makes them: a name and its arguments.
        commands.map(([name, ...args]) => this.call(String(name), args as (string | Buffer)[])),
      )
      return settled.map((each) =>
        each.status === 'fulfilled' ? [null, each.value] : [asError(each.reason), undefined],
      )
    }
    return { exec }
  }

  on(event: string, listener: () => void): unknown {
    return this.#client.on(eventOf(event), listener)
  }

  removeListener(event: string, listener: () => void): unknown {
    return this.#client.removeListener(eventOf(event), listener)
  }

  duplicate(): RedisSubscriber {
    // A client makes its like. It resubscribes by itself, and only RESP3 lets who has subscribed ask for anything else.
    return new NodeRedisPush(this.#client.duplicate({ RESP: 3 }) as NodeRedisSubscriber)
  }
}

/** A duplicate that hears, connected until `disconnect()`. */
class NodeRedisPush implements RedisSubscriber {
  readonly #client: NodeRedisSubscriber
  readonly #listeners = new Set<Listener>()

  constructor(client: NodeRedisSubscriber) {
    this.#client = client
    client.on('error', this.#ignore)
    this.#connect()
  }

  call(command: string, args: (string | Buffer | number)[]): Promise<unknown> {
    return new NodeRedis(this.#client).call(command, args)
  }

  subscribe(channel: string): Promise<unknown> {
    return this.#client.subscribe(channel, this.#heard, true)
  }

  ping(): Promise<unknown> {
    return this.#client.sendCommand(['PING'])
  }

  disconnect(reconnect = false): void {
    // It connects again by itself; destroyed meanwhile, it would do so twice.
    if (reconnect && !this.#client.isReady) return
    if (this.#client.isOpen) this.#client.destroy()
    if (reconnect) this.#connect()
  }

  on(event: string, listener: Listener): unknown {
    if (event === 'messageBuffer') return this.#listeners.add(listener)
    return this.#client.on(eventOf(event), listener)
  }

  removeListener(event: string, listener: Listener): unknown {
    if (event === 'messageBuffer') return this.#listeners.delete(listener)
    return this.#client.removeListener(eventOf(event), listener)
  }

  #connect(): void {
    // Told by its consequence: no `ready`, so its listener stays deaf.
    this.#client.connect().catch(this.#ignore)
  }

  readonly #ignore = (): void => undefined

  readonly #heard: NodeRedisListener = (message, channel) => {
    for (const listener of this.#listeners) listener(channel, message)
  }
}

function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error(String(reason))
}
