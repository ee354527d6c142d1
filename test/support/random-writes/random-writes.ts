import { DataSource, type DataSourceOptions } from 'typeorm'
import { Sweeper, sweptQueryCache, SweepSubscriber } from '../../../src/index'
import { ZOO } from '../zoo'
import { PATIENT, recordSweeps } from '../zoo-sweeper'
import { waysOn } from './all-ways'
import { judge } from './check-unit'
import { Draw } from './draw'
import { expectedBetween } from './expected'
import { ObjectReads } from './object-reads'
import { QueryReads } from './query-reads'
import { rawDatabase } from './raw-database'
import { runUnit } from './run-unit'
import { allSettled } from './side-by-side'
import { snapshotOf } from './snapshot'
import { Tally } from './tally'
import { describeUnit, drawUnit } from './units-of-work'
import { settledVersionsOf, subjectsIn, versionsOf } from './versions'
import { seedWorld } from './seed-world'
import { worldIn } from './world'

/** Parallel transactions may mark what others belong to, in their names; such a mark stays until its time is up. */
const MARKS_LAST_MS = 500

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
    cache: { provider: sweptQueryCache },
    logger: QUIET,
  } as DataSourceOptions)
  const sweeper = new Sweeper(dataSource, { timeout: PATIENT, marks: { deadline: MARKS_LAST_MS } })
  await dataSource.initialize()
  const sweeps = recordSweeps(sweeper)
  const raw = await rawDatabase(dataSource, database)
  const objects = new ObjectReads(dataSource, sweeper)
  const queries = new QueryReads(dataSource)
  const tally = new Tally(seed)
  sweeper.on('hit', ({ key }) => (tally.hits[key === 'query' ? 'queries' : 'objects'] += 1))
  const drawing = {
    kinds: waysOn(raw.type),
    parallel: raw.type !== 'sqlite',
  }
  try {
    for (let unit = 0; unit < units && tally.failures.length < maxFailures; unit++) {
      if (unit % UNITS_PER_WORLD === 0) {
        await seedWorld(raw)
        // By another program, which the Sweeper does not see.
        await sweeper.clear()
      }
      const before = await snapshotOf(raw)
      const draw = new Draw(seed * 1_000_003 + unit, worldIn(before))
      const plan = drawUnit(draw, drawing)
      const subjects = subjectsIn(before)
      const settled = await settledVersionsOf(sweeper, subjects, MARKS_LAST_MS)
      tally.waits += settled.waited ? 1 : 0
      // Fills, so that what is read after the unit could be stale; what was there already has to be right.
      const filled = [...(await objects.faults(before)), ...(await queries.faults())]
      sweeps.reset()
      const outcome = await runUnit(dataSource, sweeper, plan)
      await allSettled()
      const after = await snapshotOf(raw)
      const stale = [...(await objects.faults(before, after)), ...(await queries.faults())]
      const versionsAfter = await versionsOf(sweeper, subjects)
      const expected = expectedBetween(before, after)
      const judged = judge(expected, settled.versions, versionsAfter, {
        sweeps,
        committed: outcome.committed,
        // Such a unit ends in a sweep of types that no event names.
        named: plan.shape !== 'without-sweeping',
      })
      const verdict = { ...judged, faults: [...judged.faults, ...filled, ...stale] }
      tally.add({ unit, plan, outcome, expected, verdict }, describeUnit(plan))
    }
  } finally {
    await raw.close()
    await dataSource.destroy()
  }
  return tally
}

/** Errors are part of these runs. */
export const QUIET = {
  logQuery: () => undefined,
  logQueryError: () => undefined,
  logQuerySlow: () => undefined,
  logSchemaBuild: () => undefined,
  logMigration: () => undefined,
  log: () => undefined,
}
