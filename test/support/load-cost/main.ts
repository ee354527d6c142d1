import { parseArgs } from 'node:util'
import { DataSource } from 'typeorm'
import { Comment, ZOO } from '../zoo'
import { zooSweeper } from '../zoo-sweeper'

const DATABASE = { type: 'sqljs' } as const

/**
 * What a Sweeper costs a `find`: it notes of every instance when its query began. A ratio of medians within one run,
 * the two sides taking turns; a database in this process, so nothing is hidden behind a network.
 * `npm run check:load-cost -- --rows 2000 --rounds 60`
 */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      rows: { type: 'string', default: '2000' },
      rounds: { type: 'string', default: '60' },
    },
  })
  const [rows, rounds] = [Number(values.rows), Number(values.rounds)]
  const bare = await filled(await open(), rows)
  const again = await filled(await open(), rows)
  const { dataSource } = await zooSweeper(DATABASE)
  const watched = await filled(dataSource, rows)
  const sides = { bare, again, watched }
  const took = { bare: [] as number[], again: [] as number[], watched: [] as number[] }
  for (let round = 0; round < rounds; round++)
    for (const name of ['bare', 'watched', 'again'] as const)
      took[name].push(await timeOf(sides[name], rows))
  const [base, same, beside] = [took.bare, took.again, took.watched].map(median)
  if (base === undefined || same === undefined || beside === undefined) throw new Error('no rounds')
  console.log(
    `find of ${rows} rows: ${(beside / base).toFixed(2)} of a find without a Sweeper ` +
      `(the same twice: ${(same / base).toFixed(2)}; ${rounds} rounds)`,
  )
  for (const one of [bare, again, watched]) await one.destroy()
}

function open(): Promise<DataSource> {
  return new DataSource({ ...DATABASE, entities: ZOO, synchronize: true }).initialize()
}

async function filled(dataSource: DataSource, rows: number): Promise<DataSource> {
  const texts = Array.from({ length: rows }, (_, index) => ({ text: `comment ${index}` }))
  await dataSource.getRepository(Comment).save(texts, { chunk: 200 })
  return dataSource
}

async function timeOf(dataSource: DataSource, rows: number): Promise<number> {
  const startedMs = performance.now()
  const found = await dataSource.getRepository(Comment).find()
  const tookMs = performance.now() - startedMs
  if (found.length !== rows) throw new Error(`${found.length} rows came instead of ${rows}`)
  return tookMs
}

function median(values: readonly number[]): number | undefined {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]
}

void main()
