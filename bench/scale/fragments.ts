import { record } from '../../src'
import { Article, html, numbers } from '../blog'
import { medianUs, powersOfTen, type Series } from './series'

/** At once, so that the process does not hold them all. */
const BATCH = 1000
const UP_TO = { fast: 100, usual: 10_000, largest: 100_000 }
const RUNS = 15

/** How the sweep of a record grows with the number of its fragments. */
export const fragments: Series = {
  name: 'fragments',
  measure: async ({ servers, size }) => {
    const client = servers.client()
    const sweeper = await servers.sweeper({ timeout: '10s' })
    const swept: [number, number][] = []
    const unlinked: [number, number][] = []
    for (const count of powersOfTen(UP_TO[size])) {
      const names = numbers(count)
      for (let from = 0; from < count; from += BATCH)
        await Promise.all(
          names.slice(from, from + BATCH).map((name) =>
            sweeper.getOrSet({
              on: record(Article, 1),
              key: `card${name}`,
              factory: () => html(100),
            }),
          ),
        )
      swept.push([count, await medianUs(RUNS, () => sweeper.sweep(record(Article, 1)))])
      const keys = names.map((name) => `scale:${name}`)
      const filled = async (): Promise<void> => {
        await client.mset(keys.flatMap((key) => [key, html(100)]))
      }
      const samples: number[] = []
      for (let run = 0; run < 5; run++) {
        await filled()
        samples.push(await medianUs(1, () => client.unlink(keys)))
      }
      unlinked.push([count, samples.toSorted((a, b) => a - b)[2] ?? Number.NaN])
    }
    return {
      title: 'One sweep of a record, by the number of its fragments',
      x: 'fragments of the record',
      y: 'microseconds',
      curves: [
        { name: 'sweep', points: swept },
        { name: 'ioredis UNLINK of their keys', points: unlinked },
      ],
    }
  },
}
