import { randomBytes } from 'node:crypto'
import { Redis, type RedisOptions } from 'ioredis'
import { MissingServiceError, PROBE_MS } from './services-process'
import { redisProgram, RedisServer } from './services-redis-server'

const USUAL_URL = 'redis://127.0.0.1:6379'

/** A Redis that others use too: keys belong under `namespace`, and nothing may be flushed. */
export class RedisService {
  /** The suite's own; keys that contain it are removed with the suite. */
  readonly namespace = `sweeper-test-${randomBytes(6).toString('hex')}`
  readonly #clients: Redis[] = []
  #url: string | undefined

  get url(): string {
    if (this.#url === undefined)
      throw new Error('redis.url: no server yet; use it in hooks and tests')
    return this.#url
  }

  /** A client that is closed with the suite. */
  connect(options: Omit<RedisOptions, 'replyMapping'> = {}): Redis {
    const client = new Redis(this.url, options)
    this.#clients.push(client)
    return client
  }

  async open(): Promise<void> {
    this.#url = await redisUrl()
  }

  async close(): Promise<void> {
    if (this.#url !== undefined) await this.#removeKeys()
    for (const client of this.#clients.splice(0)) client.disconnect()
  }

  async #removeKeys(): Promise<void> {
    const client = this.connect()
    const pages = client.scanStream({ match: `*${this.namespace}*`, count: 1_000 })
    for await (const keys of pages as AsyncIterable<string[]>)
      if (keys.length > 0) await client.unlink(...keys)
  }
}

let found: Promise<string> | undefined

/** The server of this run, found or started once. */
function redisUrl(): Promise<string> {
  return (found ??= findRedis())
}

async function findRedis(): Promise<string> {
  const given = process.env['REDIS_URL']
  if (given !== undefined && given !== '') {
    await ping(given)
    return given
  }
  if (await answers(USUAL_URL)) return USUAL_URL
  if (redisProgram() === undefined)
    throw new MissingServiceError(
      'no Redis; set REDIS_URL, or have one on 127.0.0.1:6379 or redis-server on PATH',
    )
  const server = await RedisServer.start()
  return server.url
}

async function answers(url: string): Promise<boolean> {
  try {
    await ping(url)
    return true
  } catch {
    // Nothing there, or something that does not let us in: either way it is not for us.
    return false
  }
}

async function ping(url: string): Promise<void> {
  const client = new Redis(url, {
    lazyConnect: true,
    retryStrategy: () => null,
    connectTimeout: PROBE_MS,
    commandTimeout: PROBE_MS,
  })
  // The failure is told by the promise below; without a listener it would be printed as well.
  client.on('error', () => undefined)
  try {
    await client.connect()
    await client.ping()
  } finally {
    client.disconnect()
  }
}
