/** What an ioredis `exec()` answers: one pair per command. */
export type RedisPipelineReply = [error: Error | null, reply: unknown][] | null

/**
 * The part of an ioredis client that `RedisStore` uses: a `Redis` of version 5 or 6 is one.
 *
 * Structural, so that the library neither imports ioredis nor has its types in its own.
 */
export interface RedisClient {
  /** True for a `Cluster`. */
  readonly isCluster: boolean
  mgetBuffer(keys: string[]): Promise<(Buffer | null)[]>
  // Lower-case command names: ioredis compares them with its lists. Not `callBuffer`: under
  // `enableAutoPipelining` that loses the name of the command (ioredis 5.11.1 and 6.0.0, autoPipelining.js).
  call(command: string, args: (string | Buffer | number)[]): Promise<unknown>
  pipeline(commands: unknown[][]): { exec(): Promise<RedisPipelineReply> }
  on(event: string, listener: () => void): unknown
  removeListener(event: string, listener: () => void): unknown
  /** Another connection with the same settings, but for those given: see `subscriberOf`. */
  duplicate?(...settings: never[]): unknown
  readonly options?: { readonly keyPrefix?: string | undefined }
}

/** The part of an ioredis client that hears what others publish. */
export interface RedisSubscriber {
  call(command: string, args: (string | Buffer | number)[]): Promise<unknown>
  subscribe(channel: string): Promise<unknown>
  ping(): Promise<unknown>
  disconnect(reconnect?: boolean): void
  on(event: string, listener: (...args: unknown[]) => void): unknown
  removeListener(event: string, listener: (...args: unknown[]) => void): unknown
}

/** A second connection to the same server, which is the caller's to end; undefined when the client makes none. */
export function subscriberOf(client: RedisClient): RedisSubscriber | undefined {
  if (client.isCluster || client.duplicate === undefined) return undefined
  // A Redis, as it is no Cluster: its duplicate() takes settings and makes another (ioredis 5.11.1 and 6.0.0, Redis.js).
  const redis = client as RedisClient & {
    duplicate(settings: { lazyConnect: boolean; autoResubscribe: boolean }): RedisSubscriber
  }
  return redis.duplicate({ lazyConnect: false, autoResubscribe: false })
}
