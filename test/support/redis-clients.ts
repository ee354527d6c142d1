import { Redis, type RedisOptions } from 'ioredis'
import { Redis as Redis5, type RedisOptions as RedisOptions5 } from 'ioredis-5'

/** Clients for servers that fail: they connect again at once, and keep quiet about it. */
export class RedisClients {
  readonly #version: 5 | 6
  readonly #clients: Redis[] = []

  /** @param version of ioredis */
  constructor(version: 5 | 6 = 6) {
    this.#version = version
  }

  connect(url: string, options: Omit<RedisOptions, 'replyMapping'> = {}): Redis {
    const settings = { retryStrategy: () => 20, ...options }
    const client =
      this.#version === 6
        ? new Redis(url, settings)
        : // For what tests do with it, the same as version 6.
          (new Redis5(url, settings as RedisOptions5) as unknown as Redis)
    // What goes wrong is told by the commands; without a listener it would be printed as well.
    client.on('error', () => undefined)
    this.#clients.push(client)
    return client
  }

  close(): void {
    for (const client of this.#clients.splice(0)) client.disconnect()
  }
}
