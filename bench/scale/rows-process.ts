import 'reflect-metadata'
import { Redis } from 'ioredis'
import { DataSource, type DataSourceOptions } from 'typeorm'
import { Sweeper } from '../../src'
import { RedisStore } from '../../src/redis'
import { Article, Comment, Vote } from '../blog'

/** Rows that are given to TypeORM at once: it keeps all that it saves in one call. */
const AT_ONCE = 1000
const COMMENTS = 100

/** What `rows.ts` asks of a process of its own, whose memory says something. */
export interface RowsTask {
  readonly database: DataSourceOptions
  readonly redis: string
  readonly rows: number
  readonly isSwept: boolean
}

async function main(): Promise<void> {
  const task = JSON.parse(process.argv[2] ?? '') as RowsTask
  const dataSource = new DataSource({
    ...task.database,
    entities: [Article, Comment, Vote],
  })
  const client = new Redis(task.redis)
  if (task.isSwept)
    void new Sweeper(dataSource, {
      store: new RedisStore(client),
      namespace: 'rows',
      timeout: '30s',
    })
  await dataSource.initialize()
  // What every process loads and compiles once is not what grows.
  await importVotes(dataSource, 10, () => undefined)
  const inUse: number[] = []
  const startedMs = performance.now()
  await importVotes(dataSource, task.rows, () => inUse.push(bytesInUse()))
  const elapsedMs = performance.now() - startedMs
  console.log(JSON.stringify({ elapsedMs, bytesInUse: Math.max(...inUse) }))
  await dataSource.destroy()
  client.disconnect()
}

/** Without garbage, of which there is as much as the engine likes to leave. */
function bytesInUse(): number {
  if (globalThis.gc === undefined) throw new Error('rows-process: needs --expose-gc')
  globalThis.gc()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

async function importVotes(
  dataSource: DataSource,
  rows: number,
  look: () => unknown,
): Promise<void> {
  await dataSource.transaction(async (manager) => {
    for (let from = 0; from < rows; from += AT_ONCE) {
      const count = Math.min(AT_ONCE, rows - from)
      const votes = Array.from({ length: count }, (_, at) => ({
        value: from + at,
        comment: { id: ((from + at) % COMMENTS) + 1 } as Comment,
      }))
      await manager.getRepository(Vote).save(votes)
      const saved = from + count
      if (saved === rows || saved % (10 * AT_ONCE) === 0) look()
    }
  })
}

void main()
