import 'reflect-metadata'
import { Redis } from 'ioredis'
import { DataSource, type DataSourceOptions } from 'typeorm'
import { record, Sweeper } from '../../src'
import { RedisStore } from '../../src/redis'
import { Article, Comment, html, numbers, Vote } from '../blog'

export interface ReadersTask {
  readonly database: DataSourceOptions
  readonly redis: string
  readonly runMs: number
}

const IDS = numbers(50)

/** Reads pages of 50 fragments for a while, and says how many. */
async function main(): Promise<void> {
  const { database, redis, runMs } = JSON.parse(process.argv[2] ?? '') as ReadersTask
  const client = new Redis(redis)
  const dataSource = new DataSource({
    ...database,
    entities: [Article, Comment, Vote],
  })
  const sweeper = new Sweeper(dataSource, {
    store: new RedisStore(client),
    namespace: 'processes',
    timeout: '10s',
  })
  await dataSource.initialize()
  const page = (): Promise<unknown> =>
    Promise.all(
      IDS.map((id) =>
        sweeper.getOrSet({ on: record(Comment, id), key: 'card', factory: () => html(1024) }),
      ),
    )
  for (let warm = 0; warm < 200; warm++) await page()
  const startedMs = performance.now()
  let pages = 0
  for (; performance.now() - startedMs < runMs; pages++) await page()
  console.log(JSON.stringify({ perSecond: (pages * 1000) / (performance.now() - startedMs) }))
  await dataSource.destroy()
  client.disconnect()
}

void main()
