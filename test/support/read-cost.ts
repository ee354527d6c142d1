import 'reflect-metadata'
import { parseArgs } from 'node:util'
import { DataSource, type DataSourceOptions } from 'typeorm'
import { Sweeper, SweepSubscriber } from '../../src/index'
import { PostgresService } from './services-postgres'
import { startedHere } from './services-process'
import { sqljs } from './services-sqlite'
import { ZOO } from './zoo'

/** Reads of one round: short enough that a busy machine disturbs both sides alike. */
const READS = 100

/** What people send: a key, a join as TypeORM writes it, a function of their own in a long list. */
const STATEMENTS = [
  'SELECT id, title FROM zoo_article WHERE id = 1',
  `SELECT "c"."id" AS "c_id", "c"."text" AS "c_text", "c"."updatedAt" AS "c_updatedAt", "a"."title" AS "a_title" FROM "zoo_comment" "c" LEFT JOIN "zoo_article" "a" ON "a"."id" = "c"."articleId" AND "a"."deletedAt" IS NULL WHERE ( ("c"."articleId" = 1 AND "c"."hits" > 0) ) AND ( "c"."deletedAt" IS NULL ) ORDER BY "c"."id" ASC LIMIT 10`,
  `SELECT lower(text) FROM zoo_comment WHERE id IN (${Array.from({ length: 200 }, (_, i) => i).join(', ')})`,
]

/** `npm run check:read-cost -- --rounds 101`: raw reads with a Sweeper beside raw reads without one, by turns in one run. */
async function main(): Promise<void> {
  const { values } = parseArgs({ options: { rounds: { type: 'string', default: '101' } } })
  const rounds = Number(values.rounds)
  const postgres = new PostgresService()
  await postgres.open()
  try {
    await compare(rounds, 'PostgreSQL', postgres.options, {
      ...postgres.options,
      url: await postgres.createDatabase(),
    })
    await compare(rounds, 'sql.js', sqljs(), sqljs())
  } finally {
    await postgres.close()
  }
}

async function compare(
  rounds: number,
  name: string,
  ...sides: [DataSourceOptions, DataSourceOptions]
): Promise<void> {
  const [plain, watched] = await Promise.all(sides.map((options, at) => open(options, at === 1)))
  if (plain === undefined || watched === undefined) throw new Error('two sides were given')
  for (const sql of STATEMENTS) {
    const micros: [number[], number[]] = [[], []]
    for (let round = 0; round < rounds; round++) {
      // Who comes first changes, so that neither always finds the caches warm.
      const order = round % 2 === 0 ? ([0, 1] as const) : ([1, 0] as const)
      for (const side of order) micros[side].push(await read([plain, watched][side] ?? plain, sql))
    }
    const [without, beside] = [median(micros[0]), median(micros[1])]
    const ratio = (beside / without).toFixed(3)
    console.log(
      `${name}, ${sql.length} characters: ${ratio} times (${beside.toFixed(1)} µs beside ${without.toFixed(1)} µs)`,
    )
  }
  await Promise.all([plain.destroy(), watched.destroy()])
}

async function open(options: DataSourceOptions, watched: boolean): Promise<DataSource> {
  const dataSource = new DataSource({
    ...options,
    entities: ZOO,
    subscribers: watched ? [SweepSubscriber] : [],
    synchronize: true,
  } as DataSourceOptions)
  if (watched) void new Sweeper(dataSource)
  return dataSource.initialize()
}

/** Microseconds of one read, on one connection. */
async function read(dataSource: DataSource, sql: string): Promise<number> {
  const runner = dataSource.createQueryRunner()
  await runner.query(sql)
  const started = performance.now()
  for (let i = 0; i < READS; i++) await runner.query(sql)
  const elapsedMs = performance.now() - started
  await runner.release()
  return (elapsedMs * 1000) / READS
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
