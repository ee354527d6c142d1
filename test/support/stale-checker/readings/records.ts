import { record } from '../../../../src/index'
import { Article, Comment, ROWS, Tag } from '../entities'
import { seeArticle, seeComment, seeTag } from '../sight'
import { type Reading, variant } from './reading'

export const commentByName: Reading = {
  name: 'getOrSet on a comment',
  weight: 8,
  async read({ dataSource, sweeper, dice }) {
    const id = dice.upTo(ROWS.comments)
    const factory = (): ReturnType<typeof seeComment> => seeComment(dataSource, id)
    const vary = [variant(dice)]
    return [await sweeper.getOrSet({ on: record(Comment, id), key: 'comment', vary, factory })]
  },
}

export const articleByName: Reading = {
  name: 'getOrSet on an article',
  weight: 4,
  async read({ dataSource, sweeper, dice }) {
    const id = dice.upTo(ROWS.articles)
    const factory = (): ReturnType<typeof seeArticle> => seeArticle(dataSource, id)
    return [await sweeper.getOrSet({ on: record(Article, id), key: 'article', factory })]
  },
}

export const tagByName: Reading = {
  name: 'getOrSet on a tag',
  weight: 2,
  async read({ dataSource, sweeper, dice }) {
    const id = dice.upTo(ROWS.tags)
    const factory = (): ReturnType<typeof seeTag> => seeTag(dataSource, id)
    return [await sweeper.getOrSet({ on: record(Tag, id), key: 'tag', factory })]
  },
}
