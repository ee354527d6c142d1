import { children } from '../../../../src/index'
import { Article, ROWS } from '../entities'
import { seeCommentsOf } from '../sight'
import type { Reading } from './reading'

export const commentsOfArticle: Reading = {
  name: 'getOrSet on children',
  weight: 3,
  async read({ dataSource, sweeper, dice }) {
    const id = dice.upTo(ROWS.articles)
    const on = children(Article, id, 'comments')
    const factory = (): ReturnType<typeof seeCommentsOf> => seeCommentsOf(dataSource, id)
    return [await sweeper.getOrSet({ on, key: 'list', factory })]
  },
}
