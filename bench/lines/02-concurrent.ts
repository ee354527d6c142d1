import { record } from '../../src'
import { Comment, html, numbers } from '../blog'
import { interleave } from '../interleave'
import type { Line } from '../line'
import { bentocache } from '../peers/bentocache'
import { cacheManager } from '../peers/cache-manager'
import { TaggedCacheable } from '../peers/cacheable'

const VALUE = html(1024)
const IDS = numbers(64)

export const concurrent: Line = {
  number: 2,
  title: '64 strict hits of 1 KB at once',
  measure: async (bench) => {
    const client = bench.servers.client()
    const keys = IDS.flatMap((id) => [`two:token${id}`, `two:value${id}`])
    await client.mset(IDS.flatMap((id) => [`two:token${id}`, html(16), `two:value${id}`, VALUE]))
    const sweeper = await bench.servers.sweeper()
    const bento = bentocache(bench).redis
    const cacheable = new TaggedCacheable(bench)
    const manager = cacheManager(bench)
    const all = (read: (id: number) => Promise<unknown>) => () => Promise.all(IDS.map(read))
    const rows = await interleave(
      bench,
      [
        {
          name: '64 ioredis GETs',
          role: 'reference',
          run: all((id) => client.getBuffer(`two:value${id}`)),
        },
        {
          name: 'one ioredis MGET of 64 tokens and values',
          role: 'limit',
          run: () => client.mgetBuffer(keys),
        },
        {
          name: 'typeorm-sweeper',
          role: 'ours',
          run: all((id) =>
            sweeper.getOrSet({ on: record(Comment, id), key: 'two', factory: () => VALUE }),
          ),
        },
        {
          name: 'bentocache, tags',
          role: 'peer',
          run: all((id) =>
            bento.getOrSet({ key: `two${id}`, tags: [`comment${id}`], factory: () => VALUE }),
          ),
        },
        {
          name: 'cacheable, tags',
          role: 'peer',
          run: all((id) => cacheable.getOrSet(`two${id}`, [`comment${id}`], () => VALUE)),
        },
        {
          name: 'cache-manager (invalidates nothing)',
          role: 'peer',
          run: all((id) => manager.wrap(`two${id}`, () => VALUE)),
        },
      ],
      { block: 4 },
    )
    return [{ title: 'ratio to 64 ioredis GETs', rows, atMost: 0.35 }]
  },
}
