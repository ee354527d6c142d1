import { Comment, ROWS, Vote } from '../entities'
import type { Write } from './write'

export const MOVING: readonly Write[] = [
  {
    name: 'move a comment by save',
    weight: 3,
    async run(dataSource, dice, by) {
      const article = { id: dice.upTo(ROWS.articles) }
      const comments = dataSource.getRepository(Comment)
      const found = await comments.findOneBy({ id: dice.upTo(ROWS.comments) })
      if (found !== null) await comments.save({ id: found.id, article, by })
    },
  },
  {
    name: 'move a comment by update',
    weight: 2,
    async run(dataSource, dice, by) {
      const article = { id: dice.upTo(ROWS.articles) }
      await dataSource
        .getRepository(Comment)
        .update({ id: dice.upTo(ROWS.comments) }, { article, by })
    },
  },
  {
    name: 'move a vote',
    weight: 2,
    async run(dataSource, dice, by) {
      const comments: { id: number }[] = await dataSource.query(
        'SELECT id FROM check_comment ORDER BY random() LIMIT 1',
      )
      const comment = comments[0] ?? null
      await dataSource.getRepository(Vote).save({ id: dice.upTo(ROWS.votes), comment, by })
    },
  },
]
