import 'reflect-metadata'
import { parseArgs } from 'node:util'
import type { DataSourceOptions } from 'typeorm'
import { MariaDbService } from '../services-mariadb'
import { PostgresService } from '../services-postgres'
import { betterSqlite3, sqljs } from '../services-sqlite'
import { startedHere } from '../services-process'
import { runRandomWrites } from './random-writes'

/** `npm run check:writes -- --units 2000 --seeds 1,2,3 --database all` */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      units: { type: 'string', default: '500' },
      seeds: { type: 'string', default: '1' },
      database: { type: 'string', default: 'all' },
      failures: { type: 'string', default: '1' },
      verbose: { type: 'boolean', default: false },
    },
  })
  const wanted = values.database === 'all' ? ['postgres', 'mariadb', 'sqljs'] : [values.database]
  for (const database of wanted)
    await withDatabase(database, async (options) => {
      for (const seed of values.seeds.split(',').map(Number)) {
        const started = performance.now()
        const tally = await runRandomWrites(options, {
          seed,
          units: Number(values.units),
          maxFailures: Number(values.failures),
        })
        const seconds = ((performance.now() - started) / 1000).toFixed(1)
        console.log(`\n${database}, seed ${seed}, ${seconds} s\n${String(tally)}`)
        for (const failure of tally.failures) console.log(`\nMISSED ${failure}`)
        if (values.verbose) {
          for (const oversweep of tally.oversweeps) console.log(`\nOVER ${oversweep}`)
          for (const [error, count] of tally.errors) console.log(`${count} x ${error}`)
        }
        if (tally.failures.length > 0) process.exitCode = 1
      }
    })
}

async function withDatabase(
  name: string,
  work: (options: DataSourceOptions) => Promise<void>,
): Promise<void> {
  if (name === 'sqljs') return work(sqljs())
  if (name === 'better-sqlite3') return work(betterSqlite3())
  const service = name === 'postgres' ? new PostgresService() : new MariaDbService()
  await service.open()
  try {
    await work(service.options)
  } finally {
    await service.close()
  }
}

main()
  .catch((error: unknown) => {
    console.error(error)
    process.exitCode = 1
  })
  .finally(() => startedHere.stopAll())
