import { record } from '../../src'
import { Article, Comment, html, numbers } from '../blog'
import { interleave } from '../interleave'
import type { Line } from '../line'
import { bentocache } from '../peers/bentocache'
import { TaggedCacheable } from '../peers/cacheable'
import { cacheManager } from '../peers/cache-manager'

const VALUE = html(1024)
const IDS = numbers(50)
const factory = (): string => VALUE

export const voteAndPage: Line = {
  number: 11,
  title: 'A comment and its article swept, then the page of both and 49 unchanged comments',
  measure: async (bench) => {
    const client = bench.servers.client()
    const values = IDS.map((id) => `eleven:value${id}`)
    await client.mset(values.flatMap((key) => [key, VALUE]))
    const sweeper = await bench.servers.sweeper()
    const bento = bentocache(bench).tiered
    const cacheable = new TaggedCacheable(bench)
    const manager = cacheManager(bench)
    let n = 0
    const next = (): number => (n++ % IDS.length) + 1
    const rows = await interleave(
      bench,
      [
        {
          name: 'bentocache, memory + Redis + bus, tags (not strict)',
          role: 'reference',
          run: async () => {
            await bento.deleteByTag({ tags: [`comment${next()}`, 'article1'] })
            await Promise.all([
              bento.getOrSet({ key: 'eleven', tags: ['article1'], factory }),
              ...IDS.map((id) =>
                bento.getOrSet({ key: `eleven${id}`, tags: [`comment${id}`], factory }),
              ),
            ])
          },
        },
        {
          name: 'the five ioredis commands it takes',
          role: 'limit',
          run: async () => {
            await client.mset('eleven:a', html(16), 'eleven:b', html(16))
            await client.mgetBuffer([
              ...values,
              ...values.map((key) => key.replace('value', 'token')),
            ])
            await client
              .pipeline()
              .set('eleven:page', VALUE)
              .set(`eleven:value${next()}`, VALUE)
              .exec()
          },
        },
        {
          name: 'typeorm-sweeper',
          role: 'ours',
          run: async () => {
            await sweeper.sweep([record(Comment, next()), record(Article, 1)], { cascade: false })
            await Promise.all([
              sweeper.getOrSet({ on: record(Article, 1), key: 'eleven', factory }),
              ...IDS.map((id) =>
                sweeper.getOrSet({ on: record(Comment, id), key: 'eleven', factory }),
              ),
            ])
          },
        },
        {
          name: 'cacheable, tags',
          role: 'peer',
          run: async () => {
            await cacheable.invalidate(`comment${next()}`, 'article1')
            await Promise.all([
              cacheable.getOrSet('eleven', ['article1'], factory),
              ...IDS.map((id) => cacheable.getOrSet(`eleven${id}`, [`comment${id}`], factory)),
            ])
          },
        },
        {
          name: 'cache-manager, keys deleted by hand',
          role: 'peer',
          run: async () => {
            await manager.mdel([`eleven${next()}`, 'eleven'])
            await Promise.all([
              manager.wrap('eleven', factory),
              ...IDS.map((id) => manager.wrap(`eleven${id}`, factory)),
            ])
          },
        },
      ],
      { block: 4 },
    )
    return [{ title: 'ratio to bentocache', rows, atMost: 0.18 }]
  },
}
