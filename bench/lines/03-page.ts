import { record } from '../../src'
import { Comment, html, numbers } from '../blog'
import { interleave } from '../interleave'
import type { Line } from '../line'
import { bentocache } from '../peers/bentocache'
import { cacheManager } from '../peers/cache-manager'
import { TaggedCacheable } from '../peers/cacheable'

const VALUE = html(1024)
const IDS = numbers(50)

export const page: Line = {
  number: 3,
  title: 'A page of 50 fragments, strict',
  measure: async (bench) => {
    const client = bench.servers.client()
    const values = IDS.map((id) => `three:value${id}`)
    const tokens = IDS.map((id) => `three:token${id}`)
    await client.mset(values.flatMap((key) => [key, VALUE]))
    await client.mset(tokens.flatMap((key) => [key, html(16)]))
    const sweeper = await bench.servers.sweeper()
    const bento = bentocache(bench)
    const cacheable = new TaggedCacheable(bench)
    const manager = cacheManager(bench)
    const keys = IDS.map((id) => `three${id}`)
    await manager.mset(keys.map((key) => ({ key, value: VALUE })))
    for (const id of IDS) await cacheable.cache.set(`three${id}`, VALUE, { tags: [`comment${id}`] })
    const all = (read: (id: number) => Promise<unknown>) => () => Promise.all(IDS.map(read))
    const rows = await interleave(
      bench,
      [
        {
          name: 'one ioredis MGET of the 50 values',
          role: 'reference',
          run: () => client.mgetBuffer(values),
        },
        {
          name: 'one ioredis MGET of 50 tokens and values',
          role: 'limit',
          run: () => client.mgetBuffer([...tokens, ...values]),
        },
        {
          name: 'typeorm-sweeper, 50 getOrSet',
          role: 'ours',
          run: all((id) =>
            sweeper.getOrSet({ on: record(Comment, id), key: 'three', factory: () => VALUE }),
          ),
        },
        {
          name: 'typeorm-sweeper, getOrSetMany',
          role: 'ours',
          run: () =>
            sweeper.getOrSetMany({
              on: IDS.map((id) => record(Comment, id)),
              key: 'three',
              factory: (missing) => missing.map(() => VALUE),
            }),
        },
        {
          name: 'bentocache, memory + Redis + bus, tags (not strict)',
          role: 'peer',
          run: all((id) =>
            bento.tiered.getOrSet({
              key: `three${id}`,
              tags: [`comment${id}`],
              factory: () => VALUE,
            }),
          ),
        },
        { name: 'cacheable getMany, tags', role: 'peer', run: () => cacheable.cache.getMany(keys) },
        {
          name: 'cache-manager mget (invalidates nothing)',
          role: 'peer',
          run: () => manager.mget(keys),
        },
      ],
      { block: 4 },
    )
    return [{ title: 'ratio to one ioredis MGET of the 50 values', rows, atMost: 1.5 }]
  },
}
