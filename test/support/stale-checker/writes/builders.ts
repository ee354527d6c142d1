import { Comment, ROWS, Tag, Vote } from '../entities'
import type { Write } from './write'

export const BUILDERS: readonly Write[] = [
  {
    name: 'update builder',
    weight: 3,
    async run(dataSource, dice, by) {
      const ids = dice.some(2, ROWS.comments).toSorted((a, b) => a - b)
      await dataSource.createQueryBuilder().update(Comment).set({ by }).whereInIds(ids).execute()
    },
  },
  {
    name: 'repository.update',
    weight: 3,
    async run(dataSource, dice, by) {
      await dataSource.getRepository(Vote).update({ id: dice.upTo(ROWS.votes) }, { by })
    },
  },
  {
    name: 'upsert',
    weight: 3,
    async run(dataSource, dice, by) {
      await dataSource.getRepository(Tag).upsert({ id: dice.upTo(ROWS.tags), by }, ['id'])
    },
  },
]
