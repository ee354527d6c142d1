import { DataSource, type DataSourceOptions } from 'typeorm'
import { Sweeper, SweepSubscriber } from '../../../src/index'
import { ZOO } from '../zoo'
import { PATIENT, recordSweeps } from '../zoo-sweeper'
import { BUILDERS } from './builders'
import { judge } from './check-unit'
import { Draw } from './draw'
import { expectedBetween } from './expected'
import { PRIMITIVES } from './primitives'
import { rawDatabase } from './raw-database'
import { RAW_WRITES } from './raw-writes'
import { runUnit } from './run-unit'
import { SAVING } from './saving'
import { SAVING_RELATIONS } from './saving-relations'
import { snapshotOf } from './snapshot'
import { Tally } from './tally'
import { describeUnit, drawUnit } from './units-of-work'
import { subjectsIn, versionsOf } from './versions'
import { seedWorld, worldIn } from './world'

const ALL_KINDS = [...SAVING, ...SAVING_RELATIONS, ...PRIMITIVES, ...BUILDERS, ...RAW_WRITES]

/** Rows are put back to the beginning now and then: else nothing is left to write to. */
const UNITS_PER_WORLD = 20

export interface RandomWrites {
  readonly seed: number
  readonly units: number
  /** Give up after this many failing units. @default 1 */
  readonly maxFailures?: number
}

/** Units of work drawn by chance, each compared with what the tables say; answers what was seen. */
export async function runRandomWrites(
  database: DataSourceOptions,
  { seed, units, maxFailures = 1 }: RandomWrites,
): Promise<Tally> {
  const dataSource = new DataSource({
    ...database,
    entities: ZOO,
    subscribers: [SweepSubscriber],
    synchronize: true,
    dropSchema: true,
    logger: QUIET,
  } as DataSourceOptions)
  const sweeper = new Sweeper(dataSource, { timeout: PATIENT })
  await dataSource.initialize()
  const sweeps = recordSweeps(sweeper)
  const raw = await rawDatabase(dataSource, database)
  const tally = new Tally(seed)
  const drawing = {
    kinds: ALL_KINDS.filter(({ on }) => on.includes(raw.type)),
    parallel: raw.type !== 'sqljs',
  }
  try {
    for (let unit = 0; unit < units && tally.failures.length < maxFailures; unit++) {
      if (unit % UNITS_PER_WORLD === 0) await seedWorld(raw)
      const before = await snapshotOf(raw)
      const draw = new Draw(seed * 1_000_003 + unit, worldIn(before))
      const plan = drawUnit(draw, drawing)
      const subjects = subjectsIn(before)
      const versionsBefore = await versionsOf(sweeper, subjects)
      sweeps.reset()
      const outcome = await runUnit(dataSource, plan)
      const after = await snapshotOf(raw)
      const versionsAfter = await versionsOf(sweeper, subjects)
      const expected = expectedBetween(before, after)
      const verdict = judge(expected, versionsBefore, versionsAfter, sweeps, outcome.committed)
      tally.add({ unit, plan, outcome, expected, verdict }, describeUnit(plan))
    }
  } finally {
    await raw.close()
    await dataSource.destroy()
  }
  return tally
}

const QUIET = {
  logQuery: () => undefined,
  logQueryError: () => undefined,
  logQuerySlow: () => undefined,
  logSchemaBuild: () => undefined,
  logMigration: () => undefined,
  log: () => undefined,
}
