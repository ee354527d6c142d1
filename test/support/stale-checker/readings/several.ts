import { record } from '../../../../src/index'
import { Article, Comment, ROWS, Tag } from '../entities'
import { seeArticle, seeComment, seeTag, together } from '../sight'
import type { Reading } from './reading'

export const severalSubjects: Reading = {
  name: 'getOrSet on several subjects',
  weight: 2,
  async read({ dataSource, sweeper, dice }) {
    const comment = dice.upTo(ROWS.comments)
    const tag = 1 + (comment % ROWS.tags)
    const on = [record(Comment, comment), record(Tag, tag)]
    const factory = async () =>
      together(await seeComment(dataSource, comment), await seeTag(dataSource, tag))
    return [await sweeper.getOrSet({ on, key: 'both', factory })]
  },
}

export const addedSubject: Reading = {
  name: 'getOrSet, a subject added by the factory',
  weight: 1,
  async read({ dataSource, sweeper, dice }) {
    const tag = dice.upTo(ROWS.tags)
    const article = 1 + (tag % ROWS.articles)
    return [
      await sweeper.getOrSet({
        on: record(Tag, tag),
        key: 'with article',
        factory: async (context) => {
          await context.dependsOn(record(Article, article))
          return together(await seeTag(dataSource, tag), await seeArticle(dataSource, article))
        },
      }),
    ]
  },
}
