import 'reflect-metadata'
import { parseArgs } from 'node:util'
import { Redis } from 'ioredis'
import { DataSource } from 'typeorm'
import { record, Sweeper, SweepOutbox, SweepSubscriber, type SweeperOptions } from '../../src/index'
import { RedisStore } from '../../src/redis'
import { PostgresService } from './services-postgres'
import { startedHere } from './services-process'
import { RedisServer } from './services-redis-server'
import { Article, ZOO } from './zoo'

const WRITES = 12
/** As long as an outage lasts, at least. */
const OUTAGE_MS = 3_000

const SIDES = {
  "'degrade'": { onStoreError: 'degrade' },
  "'throw'": { onStoreError: 'throw' },
  "'degrade', outbox": { onStoreError: 'degrade', outbox: true },
  "'throw', outbox": { onStoreError: 'throw', outbox: true },
} as const satisfies Record<string, SweeperOptions>

const OUTAGES = {
  'refuses connections': {
    begin: (server: RedisServer): Promise<void> => server.kill(),
    end: (server: RedisServer): Promise<void> => server.restart(),
  },
  hangs: {
    begin: async (server: RedisServer): Promise<void> => server.pause(),
    end: async (server: RedisServer): Promise<void> => server.resume(),
  },
} as const

interface Outcome {
  readonly firstMs: number
  readonly longestMs: number
  readonly readMs: number
  readonly failed: number
  readonly recoveredMs: number
}

/**
 * `npm run check:outage`: how long writes and reads wait while the store is away, how many fail, and how long after it is back
 * the writer's process serves from it again. With the default time-outs, for both policies, with and without an outbox;
 * `--store hangs` and `--policy outbox` only those whose names contain it.
 */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      store: { type: 'string', default: '' },
      policy: { type: 'string', default: '' },
    },
  })
  const postgres = new PostgresService()
  await postgres.open()
  console.log(
    '| store | policy | first write | longest of the next | longest read | writes failed | cached again after |\n|---|---|---|---|---|---|---|',
  )
  for (const [outage, { begin, end }] of Object.entries(OUTAGES))
    for (const [name, options] of Object.entries(SIDES)) {
      if (!outage.includes(values.store) || !name.includes(values.policy)) continue
      const server = await RedisServer.start()
      const side = await open(await postgres.createDatabase(), server.url, options)
      const { firstMs, longestMs, readMs, failed, recoveredMs } = await suffer(
        side,
        () => begin(server),
        () => end(server),
      )
      const ms = [firstMs, longestMs, readMs].map((one) => `${one.toFixed(0)} ms`)
      console.log(
        `| ${outage} | ${name} | ${ms.join(' | ')} | ${failed} of ${WRITES} | ${recoveredMs.toFixed(0)} ms |`,
      )
      await side.dataSource.destroy()
      side.client.disconnect()
      await server.stop()
    }
  await postgres.close()
}

interface Side {
  readonly dataSource: DataSource
  readonly sweeper: Sweeper
  readonly client: Redis
}

async function open(url: string, redisUrl: string, options: SweeperOptions): Promise<Side> {
  const entities = [...ZOO, SweepOutbox]
  const subscribers = [SweepSubscriber]
  const dataSource = new DataSource({
    ...{ type: 'postgres', url, entities, subscribers, synchronize: true },
  })
  const client = new Redis(redisUrl, { retryStrategy: () => 50 })
  // It is torn down on purpose.
  client.on('error', () => undefined)
  const store = new RedisStore(client)
  const sweeper = new Sweeper(dataSource, { store, namespace: 'outage', ...options })
  await dataSource.initialize()
  return { dataSource, sweeper, client }
}

async function suffer(
  { dataSource, sweeper }: Side,
  begin: () => Promise<void>,
  end: () => Promise<void>,
): Promise<Outcome> {
  const { id } = await dataSource.manager.save(Article, { title: 'x' })
  const on = record(Article, id)
  const factory = async (): Promise<string> =>
    (await dataSource.manager.findOneByOrFail(Article, { id })).title
  const read = (): Promise<string> => sweeper.getOrSet({ on, key: 'title', factory })
  await read()
  await begin()
  const beganMs = performance.now()
  const writes: number[] = []
  let [failed, readMs] = [0, 0]
  for (let at = 0; at < WRITES; at++) {
    writes.push(
      await timed(async () => {
        const writing = dataSource.manager.save(Article, { id, title: `${at}` })
        await writing.catch(() => failed++)
      }),
    )
    readMs = Math.max(readMs, await timed(read))
  }
  await new Promise((resolve) => setTimeout(resolve, OUTAGE_MS - (performance.now() - beganMs)))
  await end()
  const recoveredMs = await timed(async () => {
    do {
      await read()
      await new Promise((resolve) => setTimeout(resolve, 5))
    } while ((await sweeper.get({ on, key: 'title' })) === undefined)
  })
  const [firstMs = Number.NaN, ...others] = writes
  return { firstMs, longestMs: Math.max(...others), readMs, failed, recoveredMs }
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedMs = performance.now()
  await work()
  return performance.now() - startedMs
}

main()
  .catch((error: unknown) => {
    console.error(error)
    process.exitCode = 1
  })
  .finally(() => startedHere.stopAll())
