import { execFile } from 'node:child_process'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { numbers } from '../blog'
import type { ReadersTask } from './processes-process'
import type { Series } from './series'

const COUNTS = [1, 2, 3, 4]
const RUN_MS = { fast: 200, usual: 2_000, largest: 2_000 }

/** How many pages processes read together. */
export const processes: Series = {
  name: 'processes',
  measure: async ({ servers, size }) => {
    const points: [number, number][] = []
    const task: ReadersTask = {
      database: servers.database,
      redis: servers.redis.url,
      runMs: RUN_MS[size],
    }
    for (const count of COUNTS) {
      const rates = await Promise.all(numbers(count).map(() => pagesPerSecond(task)))
      points.push([count, rates.reduce((sum, rate) => sum + rate, 0)])
    }
    return {
      title: `Pages of 50 hits a second, by processes; ${cpus().length} processors`,
      x: 'processes',
      y: 'pages a second',
      curves: [{ name: 'all processes together', points }],
    }
  },
}

async function pagesPerSecond(task: ReadersTask): Promise<number> {
  const { stdout } = await promisify(execFile)(process.execPath, [
    join(__dirname, 'processes-process.js'),
    JSON.stringify(task),
  ])
  return (JSON.parse(stdout) as { perSecond: number }).perSecond
}
