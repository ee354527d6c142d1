import { record } from '../../../../src/index'
import { Comment, ROWS } from '../entities'
import { seeComment } from '../sight'
import type { Reading } from './reading'

export const inTransaction: Reading = {
  name: 'getOrSet in a transaction',
  weight: 0.5,
  read({ dataSource, sweeper, dice }) {
    const id = dice.upTo(ROWS.comments)
    return dataSource.transaction(async (manager) => {
      const factory = (): ReturnType<typeof seeComment> => seeComment(manager, id)
      const on = record(Comment, id)
      return [await sweeper.getOrSet({ on, key: 'comment', vary: [0], manager, factory })]
    })
  },
}
