import { record } from '../../../../src/index'
import { Article, ROWS, Tag } from '../entities'
import { seeArticle, seeTag, together } from '../sight'
import type { Reading } from './reading'

/** A value that others read by itself too, as a part of another one. */
export const articleInTag: Reading = {
  name: 'getOrSet, partOf',
  weight: 2,
  async read({ dataSource, sweeper, dice }) {
    const tag = dice.upTo(ROWS.tags)
    const article = 1 + (tag % ROWS.articles)
    return [
      await sweeper.getOrSet({
        on: record(Tag, tag),
        key: 'around article',
        factory: async (partOf) => {
          const factory = (): ReturnType<typeof seeArticle> => seeArticle(dataSource, article)
          const on = record(Article, article)
          const part = await sweeper.getOrSet({ on, key: 'article', partOf, factory })
          return together(part, await seeTag(dataSource, tag))
        },
      }),
    ]
  },
}
