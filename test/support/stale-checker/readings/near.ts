import { record } from '../../../../src/index'
import { Article, Comment, ROWS } from '../entities'
import { seeArticle, seeComment } from '../sight'
import type { Reading } from './reading'

// Level `bounded` is not read: it promises no bound. In processes without a near tier these are reads like others.

export const nearArticle: Reading = {
  name: 'getOrSet, near: strict',
  weight: 3,
  async read({ dataSource, sweeper, dice }) {
    const id = dice.upTo(ROWS.articles)
    const factory = (): ReturnType<typeof seeArticle> => seeArticle(dataSource, id)
    const on = record(Article, id)
    return [await sweeper.getOrSet({ on, key: 'article', near: 'strict', factory })]
  },
}

/** A request that reads much, and some of it when it has gone on for a while: as of its beginning. */
export const nearInRequest: Reading = {
  name: 'getOrSet, near: request',
  weight: 20,
  async read({ dataSource, sweeper, dice }) {
    const seen = (id: number): ReturnType<typeof seeComment> =>
      sweeper.getOrSet({
        on: record(Comment, id),
        key: 'comment',
        vary: [0],
        near: 'request',
        factory: () => seeComment(dataSource, id),
      })
    const ids = dice.some(128, ROWS.comments)
    return sweeper.request(async () => {
      const first = await Promise.all(ids.slice(0, 16).map(seen))
      return [...first, ...(await Promise.all(ids.slice(16).map(seen)))]
    })
  },
}
