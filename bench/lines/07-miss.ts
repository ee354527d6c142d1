import { record } from '../../src'
import { Article, html } from '../blog'
import { interleave } from '../interleave'
import type { Line } from '../line'
import { bentocache } from '../peers/bentocache'
import { TaggedCacheable } from '../peers/cacheable'
import { cacheManager } from '../peers/cache-manager'

const VALUE = html(1024)
const factory = (): string => VALUE

export const miss: Line = {
  number: 7,
  title: 'A miss and its fill',
  measure: async (bench) => {
    const client = bench.servers.client()
    const sweeper = await bench.servers.sweeper()
    const bento = bentocache(bench).redis
    const cacheable = new TaggedCacheable(bench)
    const manager = cacheManager(bench)
    let n = 1_000
    const byHand = async (key: string): Promise<void> => {
      await client.getBuffer(key)
      await client.set(key, VALUE, 'EX', 600)
    }
    const cold = await interleave(
      bench,
      [
        { name: 'ioredis GET and SET', role: 'reference', run: () => byHand(`seven${n++}`) },
        {
          name: 'typeorm-sweeper, no token yet',
          role: 'ours',
          run: () => sweeper.getOrSet({ on: record(Article, n++), key: 'seven', factory }),
        },
        {
          name: 'bentocache, tags',
          role: 'peer',
          run: () => bento.getOrSet({ key: `seven${n++}`, tags: ['article1'], factory }),
        },
        {
          name: 'cacheable, tags',
          role: 'peer',
          run: () => cacheable.getOrSet(`seven${n++}`, ['article1'], factory),
        },
        { name: 'cache-manager', role: 'peer', run: () => manager.wrap(`seven${n++}`, factory) },
      ],
      { block: 20 },
    )
    const known = await interleave(
      bench,
      [
        { name: 'ioredis GET and SET', role: 'reference', run: () => byHand(`seven${n++}`) },
        {
          name: 'typeorm-sweeper, token present',
          role: 'ours',
          run: () =>
            sweeper.getOrSet({ on: record(Article, 1), key: 'seven', vary: [n++], factory }),
        },
      ],
      { block: 20 },
    )
    const again = await interleave(
      bench,
      [
        {
          name: 'ioredis UNLINK, GET and SET',
          role: 'reference',
          run: async () => {
            await client.unlink('seven')
            await byHand('seven')
          },
        },
        {
          name: 'typeorm-sweeper',
          role: 'ours',
          run: async () => {
            await sweeper.sweep(record(Article, 2), { cascade: false })
            await sweeper.getOrSet({ on: record(Article, 2), key: 'seven', factory })
          },
        },
        {
          name: 'bentocache, tags',
          role: 'peer',
          run: async () => {
            await bento.deleteByTag({ tags: ['article2'] })
            await bento.getOrSet({ key: 'seven', tags: ['article2'], factory })
          },
        },
        {
          name: 'cacheable, tags',
          role: 'peer',
          run: async () => {
            await cacheable.invalidate('article2')
            await cacheable.getOrSet('seven', ['article2'], factory)
          },
        },
      ],
      { block: 20 },
    )
    return [
      { title: 'cold: ratio to GET and SET by hand', rows: cold, atMost: 1.75 },
      { title: 'token present: ratio to GET and SET by hand', rows: known, atMost: 1.2 },
      { title: 'invalidate and refill: ratio to UNLINK, GET and SET', rows: again, atMost: 1.15 },
    ]
  },
}
