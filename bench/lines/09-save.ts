import type { DataSource } from 'typeorm'
import { record } from '../../src'
import type { Sweeper } from '../../src'
import { Article, Comment, COMMENTS, html, numbers, Vote } from '../blog'
import { interleave } from '../interleave'
import type { Line } from '../line'

export const save: Line = {
  number: 9,
  title: 'Saving a vote, which sweeps its comment and its article',
  measure: async (bench) => {
    const { servers } = bench
    const client = servers.client()
    const bare = await servers.dataSource()
    const withMarks = await servers.dataSource()
    const withoutMarks = await servers.dataSource()
    await readOnce(await servers.sweeper({}, withMarks))
    await readOnce(await servers.sweeper({ marks: false }, withoutMarks))
    const tokens = ['nine:vote', 'nine:comment', 'nine:article'].flatMap((key) => [key, html(16)])
    const rows = await interleave(
      bench,
      [
        {
          name: 'bare save and ioredis MSET of 3 tokens',
          role: 'reference',
          run: async () => {
            await vote(bare)
            await client.mset(tokens)
          },
        },
        { name: 'bare save', role: 'limit', run: () => vote(bare) },
        { name: 'typeorm-sweeper, without marks', role: 'ours', run: () => vote(withoutMarks) },
        { name: 'typeorm-sweeper, with marks (default)', role: 'ours', run: () => vote(withMarks) },
        {
          name: 'by hand: find the parents, then three SETs',
          role: 'peer',
          run: async () => {
            const { comment } = await vote(bare)
            const found = await bare
              .getRepository(Comment)
              .findOneOrFail({ where: { id: comment.id }, relations: { article: true } })
            const sets = ['vote', `comment${found.id}`, `article${found.article.id}`]
            await client.pipeline(sets.map((key) => ['set', `nine:${key}`, html(16)])).exec()
          },
        },
      ],
      { block: 10 },
    )
    return [{ title: 'ratio to a bare save and one MSET of 3 tokens', rows, atMost: 1.1 }]
  },
}

let votes = 0

function vote(dataSource: DataSource): Promise<Vote> {
  const comment = { id: (votes++ % COMMENTS) + 1 } as Comment
  return dataSource.getRepository(Vote).save({ value: 1, comment } as Vote)
}

/** Only what somebody has read is worth a sweep: with nothing cached it would cost less. */
export async function readOnce(sweeper: Sweeper): Promise<void> {
  const factory = (): string => 'page'
  await Promise.all(
    numbers(COMMENTS).map((id) =>
      sweeper.getOrSet({ on: record(Comment, id), key: 'card', factory }),
    ),
  )
  await Promise.all(
    numbers(5).map((id) => sweeper.getOrSet({ on: record(Article, id), key: 'page', factory })),
  )
}
