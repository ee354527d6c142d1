import { type DataSource, EventSubscriber } from 'typeorm'
import { type Comment, COMMENTS, numbers, Vote } from '../blog'
import type { Bench, Line, Row } from '../line'
import { quartiles, shuffled } from '../statistics'
import { readOnce } from './09-save'

const ROWS = 10_000
const AT_MOST = 0.003

/** Notes when COMMIT was answered. Listed before all other subscribers. */
@EventSubscriber()
class CommitClock {
  static answeredMs = 0

  afterTransactionCommit(): void {
    CommitClock.answeredMs = performance.now()
  }
}

interface Importer {
  readonly name: string
  readonly role: Row['role']
  readonly dataSource: DataSource
  readonly wholeMs: number[]
  readonly afterCommitMs: number[]
}

export const importing: Line = {
  number: 10,
  title: `${ROWS} votes in one transaction`,
  measure: async (bench) => {
    const rows = bench.fast ? ROWS / 10 : ROWS
    const importers = await openImporters(bench)
    for (const one of importers) await importVotes(one.dataSource, rows)
    for (let round = 0; round < (bench.fast ? 3 : 15); round++)
      for (const one of shuffled(importers)) {
        const startedMs = performance.now()
        await importVotes(one.dataSource, rows)
        const endedMs = performance.now()
        one.wholeMs.push(endedMs - startedMs)
        one.afterCommitMs.push(endedMs - CommitClock.answeredMs)
      }
    const [bare] = importers
    const bareMs = quartiles(bare?.wholeMs ?? []).median
    const bareAfterMs = quartiles(bare?.afterCommitMs ?? []).median
    return [
      {
        title: `what is left to do after COMMIT, as a share of the bare save (${Math.round(bareMs)} ms); ${rows} rows`,
        rows: importers.map(({ name, role, wholeMs, afterCommitMs }) => {
          // TypeORM has work of its own after COMMIT, in the bare save too.
          const ownMs = quartiles(afterCommitMs).median - bareAfterMs
          const whole = quartiles(wholeMs).median / bareMs
          const share = ownMs / bareMs
          return {
            name,
            role,
            counted: `${(share * 100).toFixed(2)} % (${ownMs.toFixed(2)} ms); the whole ${whole.toFixed(2)} of the bare save`,
            ...(role === 'ours' ? { isMet: share <= AT_MOST } : {}),
          }
        }),
      },
    ]
  },
}

async function openImporters({ servers }: Bench): Promise<Importer[]> {
  const open = async (name: string, role: Row['role'], marks?: boolean): Promise<Importer> => {
    const dataSource = await servers.dataSource({ subscribers: [CommitClock] })
    if (marks !== undefined) await readOnce(await servers.sweeper({ marks }, dataSource))
    return { name, role, dataSource, wholeMs: [], afterCommitMs: [] }
  }
  return [
    await open('bare save', 'reference'),
    await open('typeorm-sweeper, without marks', 'ours', false),
    await open('typeorm-sweeper, with marks (default)', 'ours', true),
  ]
}

async function importVotes(dataSource: DataSource, rows: number): Promise<void> {
  const votes = numbers(rows).map((n) => ({
    value: n,
    comment: { id: (n % COMMENTS) + 1 } as Comment,
  }))
  await dataSource.getRepository(Vote).save(votes)
}
