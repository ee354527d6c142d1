import { record } from '../../src'
import { Article, html, numbers } from '../blog'
import { interleave } from '../interleave'
import type { Line } from '../line'
import { bentocache } from '../peers/bentocache'
import { TaggedCacheable } from '../peers/cacheable'
import { cacheManager } from '../peers/cache-manager'

const VALUE = html(1024)
const FRAGMENTS = numbers(100)

export const sweep: Line = {
  number: 6,
  title: 'Ending the 100 fragments of a record',
  measure: async (bench) => {
    const client = bench.servers.client()
    const keys = FRAGMENTS.map((n) => `six:value${n}`)
    const sweeper = await bench.servers.sweeper()
    const bento = bentocache(bench)
    const cacheable = new TaggedCacheable(bench)
    const manager = cacheManager(bench)
    for (const n of FRAGMENTS) {
      await sweeper.getOrSet({ on: record(Article, 1), key: `six${n}`, factory: () => VALUE })
      await bento.redis.getOrSet({ key: `six${n}`, tags: ['article1'], factory: () => VALUE })
      await cacheable.getOrSet(`six${n}`, ['article1'], () => VALUE)
    }
    const rows = await interleave(
      bench,
      [
        {
          name: 'ioredis UNLINK of the 100 keys',
          role: 'reference',
          prepare: () => client.mset(keys.flatMap((key) => [key, VALUE])),
          run: () => client.unlink(keys),
        },
        { name: 'ioredis SET of 16 bytes', role: 'limit', run: () => client.set('six', html(16)) },
        {
          name: 'typeorm-sweeper',
          role: 'ours',
          run: () => sweeper.sweep(record(Article, 1), { cascade: false }),
        },
        {
          name: 'bentocache deleteByTag',
          role: 'peer',
          run: () => bento.redis.deleteByTag({ tags: ['article1'] }),
        },
        {
          name: 'bentocache deleteByTag, memory + Redis + bus',
          role: 'peer',
          run: () => bento.tiered.deleteByTag({ tags: ['article1'] }),
        },
        {
          name: 'cacheable invalidateTag',
          role: 'peer',
          run: () => cacheable.invalidate('article1'),
        },
        {
          name: 'cache-manager mdel',
          role: 'peer',
          prepare: () => manager.mset(keys.map((key) => ({ key, value: VALUE }))),
          run: () => manager.mdel(keys),
        },
      ],
      { block: 5 },
    )
    return [{ title: 'ratio to one ioredis UNLINK of the 100 keys', rows, atMost: 0.55 }]
  },
}
