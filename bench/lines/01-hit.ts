import { record } from '../../src'
import { Article, html } from '../blog'
import { interleave } from '../interleave'
import type { Line } from '../line'
import { bentocache } from '../peers/bentocache'
import { cacheManager } from '../peers/cache-manager'
import { TaggedCacheable } from '../peers/cacheable'

const VALUE = html(1024)

export const hit: Line = {
  number: 1,
  title: 'One strict hit of 1 KB, one after the other',
  measure: async (bench) => {
    const client = bench.servers.client()
    await client.mset('one:value', VALUE, 'one:token', html(16), 'one:type', html(16))
    const sweeper = await bench.servers.sweeper()
    const bento = bentocache(bench).redis
    const cacheable = new TaggedCacheable(bench)
    const manager = cacheManager(bench)
    const rows = await interleave(
      bench,
      [
        { name: 'ioredis GET', role: 'reference', run: () => client.getBuffer('one:value') },
        {
          name: 'ioredis MGET of two tokens and the value',
          role: 'limit',
          run: () => client.mgetBuffer('one:token', 'one:type', 'one:value'),
        },
        {
          name: 'typeorm-sweeper',
          role: 'ours',
          run: () => sweeper.getOrSet({ on: record(Article, 1), key: 'one', factory: () => VALUE }),
        },
        {
          name: 'bentocache, tags',
          role: 'peer',
          run: () => bento.getOrSet({ key: 'one', tags: ['article1'], factory: () => VALUE }),
        },
        {
          name: 'cacheable, tags',
          role: 'peer',
          run: () => cacheable.getOrSet('one', ['article1'], () => VALUE),
        },
        {
          name: 'cache-manager (invalidates nothing)',
          role: 'peer',
          run: () => manager.wrap('one', () => VALUE),
        },
      ],
      { block: 40 },
    )
    return [{ title: 'ratio to an ioredis GET', rows, atMost: 1.1 }]
  },
}
