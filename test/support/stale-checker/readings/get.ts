import { record } from '../../../../src/index'
import { Comment, ROWS } from '../entities'
import type { Sight } from '../sight'
import { type Reading, variant } from './reading'

/** What is kept by `getOrSet on a comment`, or nothing. */
export const whatIsThere: Reading = {
  name: 'get',
  weight: 4,
  async read({ sweeper, dice }) {
    const on = record(Comment, dice.upTo(ROWS.comments))
    const found = await sweeper.get<Sight>({ on, key: 'comment', vary: [variant(dice)] })
    return found === undefined ? [] : [found]
  },
}
