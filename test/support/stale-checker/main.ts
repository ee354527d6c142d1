import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { startedHere } from '../services-process'
import { BUGS, findBug } from './bugs'
import { FAULTS } from './faults/all'
import { describeRun, isRight } from './report'
import { BOUND_MS, type RunOptions, runChecker } from './run'
import { STORE_KINDS } from './stores'

const ROOT = join(__dirname, '../../../..')
/**
 * `npm run check:stale -- --seconds 600 --policy throw`; with `--bug NAME` until a seeded bug is found, with `--bugs`
 * for all of them how soon; `--outbox` with durable sweeps; `--store cluster` on another store than Redis; `--faults 'store|link'`
 * only those whose names match, and so `--readings` and `--writes`.
 */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      store: { type: 'string', default: 'redis' },
      seconds: { type: 'string', default: '60' },
      policy: { type: 'string', default: 'throw' },
      faults: { type: 'string', default: '' },
      readings: { type: 'string', default: '' },
      writes: { type: 'string', default: '' },
      seed: { type: 'string', default: String(Date.now()) },
      outbox: { type: 'boolean', default: false },
      bug: { type: 'string' },
      bugs: { type: 'boolean', default: false },
    },
  })
  const store = STORE_KINDS.find((kind) => kind === values.store)
  if (store === undefined)
    throw new Error(`no store "${values.store}"; there are ${STORE_KINDS.join(', ')}`)
  const options: RunOptions = {
    store,
    seconds: Number(values.seconds),
    policy: values.policy === 'degrade' ? 'degrade' : 'throw',
    outbox: values.outbox,
    faults: FAULTS[store].filter(({ name }) => new RegExp(values.faults).test(name)),
    readings: values.readings,
    writes: values.writes,
    seed: Number(values.seed),
    build: join(ROOT, '.build'),
    untilFound: false,
    boundMs: BOUND_MS,
  }
  if (values.bugs || values.bug !== undefined) {
    const bugs = BUGS.filter(({ name }) => values.bugs || name === values.bug)
    if (bugs.length === 0)
      throw new Error(
        `no bug "${values.bug}"; there are ${BUGS.map(({ name }) => name).join(', ')}`,
      )
    for (const bug of bugs) {
      const found = await findBug(bug, options)
      if (found === undefined) process.exitCode = 1
      const said = found && `found after ${found.seconds.toFixed(1)} s: ${found.kind}`
      console.log(`${bug.name}: ${said ?? 'NOT FOUND'}`)
    }
    return
  }
  console.log(
    `store ${store}, policy ${options.policy}${options.outbox ? ', outbox' : ''}, seed ${options.seed}`,
  )
  const report = await runChecker(options)
  console.log(describeRun(report))
  if (!isRight(report)) process.exitCode = 1
}

main()
  .catch((error: unknown) => {
    console.error(error)
    process.exitCode = 1
  })
  .finally(() => startedHere.stopAll())
