import { Comment } from '../entities'
import { seeComments } from '../sight'
import type { Reading } from './reading'

export const everyComment: Reading = {
  name: 'getOrSet on a type',
  weight: 0.3,
  async read({ dataSource, sweeper }) {
    const factory = (): ReturnType<typeof seeComments> => seeComments(dataSource)
    return [await sweeper.getOrSet({ on: Comment, key: 'comments', factory })]
  },
}
