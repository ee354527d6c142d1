import { record } from '../../src'
import { Comment, html, numbers } from '../blog'
import { interleave } from '../interleave'
import type { Line } from '../line'
import { bentocache } from '../peers/bentocache'
import { TaggedCacheable } from '../peers/cacheable'

const VALUE = html(1024)
const IDS = numbers(50)
const factory = (): string => VALUE

export const nearRequest: Line = {
  number: 5,
  title: '50 reads of a request one after the other, strict at its beginning',
  measure: async (bench) => {
    const client = bench.servers.client()
    const map = new Map(IDS.map((id) => [id, VALUE]))
    const sweeper = await bench.servers.sweeper({ near: { level: 'request' } })
    const bento = bentocache(bench).tiered
    const cacheable = new TaggedCacheable(bench)
    const each = async (read: (id: number) => unknown): Promise<void> => {
      for (const id of IDS) await read(id)
    }
    const rows = await interleave(
      bench,
      [
        {
          name: 'bentocache, memory + Redis + bus, tags (not strict)',
          role: 'reference',
          run: () =>
            each((id) => bento.getOrSet({ key: `five${id}`, tags: [`comment${id}`], factory })),
        },
        {
          name: 'one ioredis PING, then 50 awaited Map.get',
          role: 'limit',
          run: async () => {
            await client.ping()
            await each((id) => map.get(id))
          },
        },
        {
          name: 'typeorm-sweeper',
          role: 'ours',
          run: () =>
            sweeper.request(() =>
              each((id) => sweeper.getOrSet({ on: record(Comment, id), key: 'five', factory })),
            ),
        },
        {
          name: 'cacheable, tags (strict on every read)',
          role: 'peer',
          run: () => each((id) => cacheable.getOrSet(`five${id}`, [`comment${id}`], factory)),
        },
      ],
      { block: 2 },
    )
    return [{ title: 'ratio to bentocache', rows, atMost: 0.14 }]
  },
}
