import { record } from '../../src'
import { Article, html } from '../blog'
import { interleave } from '../interleave'
import type { Line } from '../line'
import { bentocache } from '../peers/bentocache'
import { cacheManager } from '../peers/cache-manager'
import { TaggedCacheable } from '../peers/cacheable'

const VALUE = html(1024)
const factory = (): string => VALUE

export const nearHit: Line = {
  number: 4,
  title: 'A hit in the near tier, bounded',
  measure: async (bench) => {
    const map = new Map([['four', VALUE]])
    const sweeper = await bench.servers.sweeper({ near: { level: 'bounded' } })
    const bento = bentocache(bench).tiered
    const cacheable = new TaggedCacheable(bench)
    const manager = cacheManager(bench)
    const rows = await interleave(
      bench,
      [
        {
          name: 'await Map.get',
          role: 'reference',
          run: async () => map.get('four'),
        },
        {
          name: 'typeorm-sweeper',
          role: 'ours',
          run: () => sweeper.getOrSet({ on: record(Article, 1), key: 'four', factory }),
        },
        {
          name: 'bentocache, memory + Redis + bus, tags',
          role: 'peer',
          run: () => bento.getOrSet({ key: 'four', tags: ['article1'], factory }),
        },
        {
          name: 'cacheable, tags (strict: asks Redis for them)',
          role: 'peer',
          run: () => cacheable.getOrSet('four', ['article1'], factory),
        },
        {
          name: 'cache-manager, Redis alone',
          role: 'peer',
          run: () => manager.wrap('four', factory),
        },
      ],
      { block: 200 },
    )
    return [{ title: 'ratio to an awaited Map.get', rows, atMost: 1.8 }]
  },
}
