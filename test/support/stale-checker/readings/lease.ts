import { record } from '../../../../src/index'
import { Article, ROWS } from '../entities'
import { seeArticle } from '../sight'
import type { Reading } from './reading'

/** One process loads, the others wait for it: also for one that dies or pauses. (`grace` is outside of the promise.) */
export const leasedArticle: Reading = {
  name: 'getOrSet, lease',
  weight: 3,
  async read({ dataSource, sweeper, dice }) {
    const id = dice.upTo(ROWS.articles)
    const factory = (): ReturnType<typeof seeArticle> => seeArticle(dataSource, id)
    const on = record(Article, id)
    return [await sweeper.getOrSet({ on, key: 'leased article', lease: '2s', factory })]
  },
}
