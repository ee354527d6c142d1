import 'reflect-metadata'
import { randomBytes } from 'node:crypto'
import { parseArgs } from 'node:util'
import { DataSource, type DataSourceOptions } from 'typeorm'
import { Sweeper, SweepOutbox, SweepSubscriber, type SweeperOptions } from '../../src/index'
import { RedisStore } from '../../src/redis'
import { MariaDbService } from './services-mariadb'
import { PostgresService } from './services-postgres'
import { startedHere } from './services-process'
import { RedisService } from './services-redis'
import { Article, Comment, ZOO } from './zoo'

/** Saves of one turn: short enough that a busy machine disturbs all sides alike. */
const SAVES = 20

const SIDES = {
  'without a Sweeper': undefined,
  'without marks': { marks: false },
  'with marks': { marks: true },
  'with an outbox': { outbox: true },
  'with an outbox that notifies': { outbox: { notify: true } },
} as const satisfies Record<string, SweeperOptions | undefined>

interface Side {
  readonly name: string
  readonly dataSource: DataSource
  readonly article: Article
}

/** `npm run check:outbox-cost -- --rounds 31`: a `save()` with an outbox beside one with marks and one without anything, by turns in one run. */
async function main(): Promise<void> {
  const { values } = parseArgs({ options: { rounds: { type: 'string', default: '31' } } })
  const redis = new RedisService()
  await redis.open()
  for (const database of [new PostgresService(), new MariaDbService()]) {
    await database.open()
    const sides: Side[] = []
    try {
      for (const [name, options] of Object.entries(SIDES)) {
        if (database.options.type !== 'postgres' && name.includes('notifies')) continue
        const url = await database.createDatabase()
        const store = new RedisStore(redis.connect())
        const namespace = `${redis.namespace}-${randomBytes(4).toString('hex')}`
        const given = options && { ...options, store, namespace }
        sides.push(await open(name, { ...database.options, url }, given))
      }
      await compare(Number(values.rounds), database.options.type, sides)
    } finally {
      for (const { dataSource } of sides) await dataSource.destroy()
      await database.close()
    }
  }
  await redis.close()
}

async function open(
  name: string,
  database: DataSourceOptions,
  options: SweeperOptions | undefined,
): Promise<Side> {
  const dataSource = new DataSource({
    ...database,
    entities: [...ZOO, SweepOutbox],
    subscribers: options === undefined ? [] : [SweepSubscriber],
    synchronize: true,
  } as DataSourceOptions)
  if (options !== undefined) void new Sweeper(dataSource, options)
  await dataSource.initialize()
  return { name, dataSource, article: await dataSource.manager.save(Article, { title: 'x' }) }
}

async function compare(rounds: number, database: string, sides: readonly Side[]): Promise<void> {
  for (const [what, writers] of Object.entries({ 'one writer': 1, 'eight writers': 8 })) {
    const times = new Map(sides.map(({ name }) => [name, [] as number[]]))
    for (let round = 0; round < rounds; round++) {
      // Who comes first changes, so that none always finds the caches warm.
      const first = round % sides.length
      for (const side of [...sides.slice(first), ...sides.slice(0, first)])
        times.get(side.name)?.push(await saved(side, writers))
    }
    const [bare = Number.NaN] = [...times.values()].map(median)
    for (const [name, values] of times) {
      const ms = median(values)
      console.log(
        `${database}, ${what}, ${name}: ${(ms / bare).toFixed(2)} times (${ms.toFixed(2)} ms)`,
      )
    }
  }
}

/** Milliseconds of one save of a new comment, which sweeps it and its article. */
async function saved({ dataSource, article }: Side, writers: number): Promise<number> {
  const started = performance.now()
  await Promise.all(
    Array.from({ length: writers }, async () => {
      for (let i = 0; i < SAVES / writers; i++)
        await dataSource.manager.save(Comment, { text: 'x', article })
    }),
  )
  return (performance.now() - started) / SAVES
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
}

main()
  .catch((error: unknown) => {
    console.error(error)
    process.exitCode = 1
  })
  .finally(() => startedHere.stopAll())
