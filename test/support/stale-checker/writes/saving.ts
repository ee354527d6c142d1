import { Article, Comment, ROWS, Tag, Vote } from '../entities'
import type { Write } from './write'

/** Of one article, by who writes at a certain moment. Not drawn. */
export const touch: Write = {
  name: 'save the first article',
  weight: 0,
  async run(dataSource, _dice, by) {
    await dataSource.getRepository(Article).save({ id: 1, by })
  },
}

export const SAVING: readonly Write[] = [
  {
    name: 'save a comment',
    weight: 8,
    async run(dataSource, dice, by) {
      const found = await dataSource
        .getRepository(Comment)
        .findOneBy({ id: dice.upTo(ROWS.comments) })
      if (found !== null) await dataSource.getRepository(Comment).save(Object.assign(found, { by }))
    },
  },
  {
    name: 'save a vote',
    weight: 4,
    async run(dataSource, dice, by) {
      await dataSource.getRepository(Vote).save({ id: dice.upTo(ROWS.votes), by })
    },
  },
  {
    name: 'save an article',
    weight: 3,
    async run(dataSource, dice, by) {
      await dataSource.getRepository(Article).save({ id: dice.upTo(ROWS.articles), by })
    },
  },
  {
    name: 'save a tag',
    weight: 1,
    async run(dataSource, dice, by) {
      await dataSource.getRepository(Tag).save({ id: dice.upTo(ROWS.tags), by })
    },
  },
  {
    name: 'save several',
    weight: 2,
    async run(dataSource, dice, by) {
      const ids = dice.some(3, ROWS.votes).toSorted((a, b) => a - b)
      await dataSource.getRepository(Vote).save(ids.map((id) => ({ id, by })))
    },
  },
]
