import { expect } from 'chai'
import { DataSource, type DataSourceOptions } from 'typeorm'
import { Sweeper, SweepSubscriber } from '../../src/index'
import { waysOn } from '../support/random-writes/all-ways'
import { Draw } from '../support/random-writes/draw'
import type { Operation } from '../support/random-writes/operation'
import {
  rawDatabase,
  type DatabaseName,
  type RawDatabase,
} from '../support/random-writes/raw-database'
import { QUIET } from '../support/random-writes/random-writes'
import { allSettled } from '../support/random-writes/side-by-side'
import { snapshotOf } from '../support/random-writes/snapshot'
import { seedWorld } from '../support/random-writes/seed-world'
import { worldIn } from '../support/random-writes/world'
import { describeOnSqlite, describeWith } from '../support/services'
import { ZOO } from '../support/zoo'
import { PATIENT } from '../support/zoo-sweeper'

/** One database with the zoo in it, watched or not. */
interface Side {
  readonly dataSource: DataSource
  readonly sweeper: Sweeper | undefined
  readonly raw: RawDatabase
}

async function open(options: DataSourceOptions, watched: boolean): Promise<Side> {
  const dataSource = new DataSource({
    ...options,
    entities: ZOO,
    subscribers: watched ? [SweepSubscriber] : [],
    synchronize: true,
    logger: QUIET,
  } as DataSourceOptions)
  const sweeper = watched ? new Sweeper(dataSource, { timeout: PATIENT }) : undefined
  await dataSource.initialize()
  return { dataSource, sweeper, raw: await rawDatabase(dataSource, options) }
}

/** What a caller sees of a write, and what it leaves in the tables. */
async function outcomeOf(
  { dataSource, raw }: Side,
  seed: number,
  inTransaction: boolean,
  draw: (draw: Draw) => Operation,
): Promise<unknown> {
  await seedWorld(raw)
  const { run } = draw(new Draw(seed, worldIn(await snapshotOf(raw))))
  const running = inTransaction ? dataSource.transaction(run) : run(dataSource.manager)
  const outcome = await running.then(
    (result) => ({ result }),
    (error: unknown) => ({ error: error instanceof Error ? [error.name, error.message] : error }),
  )
  await allSettled()
  const { rows, pairs } = await snapshotOf(raw)
  // A database may return rows in any order.
  const texts = [...rows.values()].map(({ text }) => comparable(text)).toSorted()
  return comparable([outcome, texts, [...pairs.keys()].toSorted()])
}

/** Without what differs between two runs: times, and keys that chance has made. */
function comparable(value: unknown): string {
  return JSON.stringify(value, undefined, 1)
    .replaceAll(/sweeper_test_\w+/g, 'a database')
    .replaceAll(/\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?Z?/g, 'a time')
    .replaceAll(
      /[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-(?!0{11})[0-9a-f]{12}/g,
      'a uuid',
    )
}

function itLeavesEverythingAsItIs(
  database: DatabaseName,
  options: () => Promise<readonly [DataSourceOptions, DataSourceOptions]>,
): void {
  let plain: Side
  let watched: Side

  before(async () => {
    const [one, other] = await options()
    plain = await open(one, false)
    watched = await open(other, true)
  })
  after(async () => {
    for (const { dataSource, raw } of [plain, watched]) {
      await raw.close()
      await dataSource.destroy()
    }
  })

  for (const { kind, draw } of waysOn(database))
    it(`"${kind}" answers and does what it does without a Sweeper`, async () => {
      for (let seed = 1; seed <= 2; seed++) {
        // Outside a transaction their order is not promised by anybody.
        const inTransaction = seed % 2 === 0 || kind === 'statements side by side'
        const wanted = await outcomeOf(plain, seed, inTransaction, draw)
        expect(await outcomeOf(watched, seed, inTransaction, draw)).to.equal(wanted)
      }
    })
}

describeWith(['postgres'], 'writes beside a Sweeper on PostgreSQL', ({ postgres }) => {
  itLeavesEverythingAsItIs('postgres', async () => [
    { type: 'postgres', url: await postgres.createDatabase() },
    { type: 'postgres', url: await postgres.createDatabase() },
  ])
})

describeWith(['mariadb'], 'writes beside a Sweeper on MariaDB', ({ mariadb }) => {
  itLeavesEverythingAsItIs('mariadb', async () => [
    { ...mariadb.options, url: await mariadb.createDatabase() },
    { ...mariadb.options, url: await mariadb.createDatabase() },
  ])
})

describeOnSqlite('writes beside a Sweeper', (options) => {
  itLeavesEverythingAsItIs('sqlite', async () => [options(), options()])
})
