import type { RedisServerClient } from './cluster-client'
import { redirected } from './redirection'
import type { RedisClient, RedisPipelineReply } from './redis-client'

interface Command {
  readonly words: readonly unknown[]
  resolve(reply: unknown): void
  reject(error: unknown): void
}

/**
 * The connection to one server of a cluster, in the shape of a client. What is sent in one tick goes out together: a
 * command takes the keys of one slot, and a page of fifty values is in dozens of them.
 */
export class NodeClient implements RedisClient {
  readonly isCluster = false
  readonly #redis: RedisServerClient
  readonly #store: string
  readonly #isAsking: boolean
  #waiting: Command[] = []

  /** @param isAsking for keys of slots that are on their way to the server: see `ASK` in the cluster specification */
  constructor(redis: RedisServerClient, store: string, isAsking: boolean) {
    this.#redis = redis
    this.#store = store
    this.#isAsking = isAsking
  }

  async mgetBuffer(keys: string[]): Promise<(Buffer | null)[]> {
    // One binary string, or nothing, per key.
    return (await this.#send(['mgetBuffer', ...keys])) as (Buffer | null)[]
  }

  call(command: string, args: (string | Buffer | number)[]): Promise<unknown> {
    return this.#send([command, ...args])
  }

  pipeline(commands: unknown[][]): { exec(): Promise<RedisPipelineReply> } {
    const exec = async (): Promise<RedisPipelineReply> => {
      const replies = await Promise.all(commands.map((words) => this.#send(words)))
      return replies.map((reply) => [null, reply])
    }
    return { exec }
  }

  on(event: string, listener: () => void): unknown {
    return this.#redis.on(event, listener)
  }

  removeListener(event: string, listener: () => void): unknown {
    return this.#redis.removeListener(event, listener)
  }

  #send(words: readonly unknown[]): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (this.#waiting.length === 0) process.nextTick(() => this.#flush())
      this.#waiting.push({ words, resolve, reject })
    })
  }

  #flush(): void {
    const sent = this.#waiting
    this.#waiting = []
    const lines = sent.flatMap(({ words }) =>
      this.#isAsking ? [['asking'], [...words]] : [[...words]],
    )
    this.#redis
      .pipeline(lines)
      .exec()
      .then(
        (replies) => this.#answer(sent, replies ?? []),
        (error: unknown) => {
          for (const { reject } of sent) reject(error)
        },
      )
  }

  #answer(sent: readonly Command[], replies: NonNullable<RedisPipelineReply>): void {
    const step = this.#isAsking ? 2 : 1
    for (const [index, { resolve, reject }] of sent.entries()) {
      const [error, reply] = replies[index * step + step - 1] ?? [new Error('no reply'), undefined]
      if (error === null) resolve(reply)
      else reject(redirected(error, this.#store, this.#redis.options.host ?? ''))
    }
  }
}
