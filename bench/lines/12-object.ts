import { Article } from '../blog'
import { interleave } from '../interleave'
import type { Line } from '../line'
import { typeormCache } from '../peers/typeorm-cache'

export const object: Line = {
  number: 12,
  title: 'An entity by its id, as an instance of its class',
  measure: async (bench) => {
    const { servers } = bench
    const client = servers.client()
    const cached = (await typeormCache(bench)).getRepository(Article)
    const bare = (await servers.dataSource()).getRepository(Article)
    const sweeper = await servers.sweeper()
    const near = await servers.sweeper({ near: { level: 'bounded' } })
    await client.set('twelve', JSON.stringify(await bare.findOneByOrFail({ id: 1 })))
    const rows = await interleave(
      bench,
      [
        {
          name: 'TypeORM, cache: true on ioredis (invalidates nothing)',
          role: 'reference',
          run: () => cached.findOne({ where: { id: 1 }, cache: true }),
        },
        {
          name: 'ioredis GET, JSON.parse and assign',
          role: 'limit',
          run: async () => {
            const row = JSON.parse((await client.get('twelve')) ?? '') as Article
            return Object.assign(new Article(), row, { writtenAt: new Date(row.writtenAt) })
          },
        },
        { name: 'typeorm-sweeper', role: 'ours', run: () => sweeper.find(Article, 1) },
        {
          name: 'typeorm-sweeper, near tier, bounded',
          role: 'ours',
          run: () => near.find(Article, 1),
        },
        {
          name: 'TypeORM without a cache',
          role: 'peer',
          run: () => bare.findOne({ where: { id: 1 } }),
        },
      ],
      { block: 20 },
    )
    return [{ title: 'ratio to TypeORM with cache: true', rows, atMost: 0.34 }]
  },
}
