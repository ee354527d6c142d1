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
}
