import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { powersOfTen, type Series } from './series'
import type { RowsTask } from './rows-process'
import type { Plot } from './svg'

const MIB = 1024 * 1024
/** What 10^5 changed rows in one transaction may take above the bare save. */
const AT_MOST_MIB = 64
const UP_TO = { fast: 10, usual: 10_000, largest: 100_000 }

interface Outcome {
  readonly elapsedMs: number
  readonly bytesInUse: number
}

/** How memory grows with the rows that one transaction writes. */
export const rows: Series = {
  name: 'rows',
  measure: async ({ servers, size }): Promise<Plot> => {
    const swept: [number, number][] = []
    const bare: [number, number][] = []
    for (const count of powersOfTen(UP_TO[size])) {
      const measured = async (isSwept: boolean): Promise<Outcome> =>
        inAProcess({ database: servers.database, redis: servers.redis.url, rows: count, isSwept })
      const [without, beside] = [await measured(false), await measured(true)]
      bare.push([count, without.bytesInUse / MIB])
      swept.push([count, beside.bytesInUse / MIB])
      const aboveMib = (beside.bytesInUse - without.bytesInUse) / MIB
      const times = (beside.elapsedMs / without.elapsedMs).toFixed(2)
      console.log(
        `${count} rows in one transaction: ${aboveMib.toFixed(1)} MiB above the bare save (at most ${AT_MOST_MIB}), ${times} of its time`,
      )
    }
    return {
      title: 'Memory of a process, by the rows that its transaction writes',
      x: 'rows in one transaction',
      y: 'MiB in use, at most, garbage collected',
      curves: [
        { name: 'typeorm-sweeper, with marks', points: swept },
        { name: 'bare save', points: bare },
      ],
    }
  },
}

async function inAProcess(task: RowsTask): Promise<Outcome> {
  const { stdout } = await promisify(execFile)(process.execPath, [
    '--expose-gc',
    join(__dirname, 'rows-process.js'),
    JSON.stringify(task),
  ])
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Outcome
}
