import { Redis } from 'ioredis'
import { MemoryStore } from '../src/index'
import { RedisStore } from '../src/redis'
import { ShowcaseStore } from './showcase-store'
import { reasonOf, StartFailure } from './start-failure'

export interface OpenStore {
  readonly store: ShowcaseStore
  /** For the reader of the terminal. */
  readonly description: string
  close(): Promise<void>
}

const CONNECT_TIMEOUT_MS = 5_000

/** Redis at the URL, or this process's memory where there is none. */
export async function openStore(url: URL | undefined): Promise<OpenStore> {
  if (url === undefined) {
    return {
      store: new ShowcaseStore(() => new MemoryStore()),
      description: "this process's memory (REDIS_URL: a Redis, shared by several processes)",
      close: async () => {},
    }
  }
  const redis = await connectedTo(url)
  const store = new RedisStore(redis)
  return {
    store: new ShowcaseStore(() => store),
    description: `Redis at ${url.host}`,
    close: async () => redis.disconnect(),
  }
}

async function connectedTo(url: URL): Promise<Redis> {
  let started = false
  let trouble: string | undefined
  const redis = new Redis(url.href, {
    lazyConnect: true,
    connectTimeout: CONNECT_TIMEOUT_MS,
    // While it is away, reads and writes fail at once instead of waiting for it.
    enableOfflineQueue: false,
    // Whoever starts the app wants to know at once; an outage later on is waited out.
    retryStrategy: (attempt) => (started ? Math.min(attempt * 100, 2_000) : null),
  })
  redis.on('ready', () => (trouble = undefined))
  redis.on('error', (error) => {
    if (started && trouble === undefined) {
      console.error(`Redis: ${reasonOf(error)}; pages are rendered without it until it is back`)
    }
    trouble = reasonOf(error)
  })
  try {
    await within(CONNECT_TIMEOUT_MS, async () => {
      await redis.connect()
      // ioredis carries on with database 0 when the one in the URL is refused.
      await redis.select(Number(url.pathname.slice(1)))
      // A refused password is told as an event only.
      if (trouble !== undefined) throw new Error(trouble)
    })
  } catch (error) {
    redis.disconnect()
    throw new StartFailure(
      `REDIS_URL: cannot use Redis at ${url.host} (${trouble ?? reasonOf(error)}); is it up, and are password and database number right?`,
      { cause: error },
    )
  }
  started = true
  return redis
}

async function within(ms: number, work: () => Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const tooLong = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer in ${ms / 1000} s`)), ms)
  })
  try {
    await Promise.race([work(), tooLong])
  } finally {
    clearTimeout(timer)
  }
}
