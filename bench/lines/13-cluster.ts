import { Cluster } from 'ioredis'
import { record, type Sweeper } from '../../src'
import { ClusterStore } from '../../src/redis'
import { RedisCluster } from '../../test/support/services-redis-cluster'
import { Comment, html, numbers } from '../blog'
import { interleave } from '../interleave'
import type { Bench, Line, Part } from '../line'

const VALUE = html(1024)
const PAGE = numbers(50)

/** The same jobs with the same library, on one server and on three primaries, which share the cores of this machine. */
export const cluster: Line = {
  number: 13,
  title: 'A cluster of three primaries beside one server, strict',
  measure: async (bench) => {
    const servers = await RedisCluster.start()
    bench.servers.atEnd(() => servers.stop())
    await servers.healed()
    const client = new Cluster([...servers.startup])
    bench.servers.atEnd(() => client.quit())
    const sides: Sides = {
      one: await bench.servers.sweeper(),
      many: await bench.servers.sweeper({ store: new ClusterStore(client) }),
    }
    return [
      await compared(bench, sides, { title: 'a hit', block: 20 }, (sweeper) =>
        sweeper.getOrSet({ on: record(Comment, 1), key: 'one', factory: () => VALUE }),
      ),
      await compared(bench, sides, { title: 'a page of 50 values', block: 4 }, (sweeper) =>
        sweeper.getOrSetMany({
          on: PAGE.map((id) => record(Comment, id)),
          key: 'page',
          factory: (missing) => missing.map(() => VALUE),
        }),
      ),
      await sweeps(bench, sides, 1),
      await sweeps(bench, sides, 100),
      await sweeps(bench, sides, 1_000),
      await compared(bench, sides, { title: 'a sweep of a whole type', block: 2 }, (sweeper) =>
        sweeper.sweep(Comment, { cascade: false }),
      ),
    ]
  },
}

interface Sides {
  readonly one: Sweeper
  readonly many: Sweeper
}

function sweeps(bench: Bench, sides: Sides, count: number): Promise<Part> {
  const records = numbers(count).map((id) => record(Comment, id))
  const title = `a sweep of ${count} record${count === 1 ? '' : 's'}`
  return compared(bench, sides, { title, block: count === 1 ? 20 : 2 }, (sweeper) =>
    sweeper.sweep(records, { cascade: false }),
  )
}

async function compared(
  bench: Bench,
  { one, many }: Sides,
  { title, block }: { readonly title: string; readonly block: number },
  job: (sweeper: Sweeper) => Promise<unknown>,
): Promise<Part> {
  const rows = await interleave(
    bench,
    [
      { name: 'one server', role: 'reference', run: () => job(one) },
      { name: 'three primaries', role: 'ours', run: () => job(many) },
    ],
    { block },
  )
  return { title: `${title}, ratio to one server`, rows }
}
