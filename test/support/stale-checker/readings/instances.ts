import { Comment, ROWS } from '../entities'
import type { Sight } from '../sight'
import type { Reading } from './reading'

/** An entity in the hand, rendered by the factory. The read begins when the entity is loaded. */
export const instance: Reading = {
  name: 'getOrSet on an instance',
  weight: 1,
  async read({ dataSource, sweeper, dice }) {
    const id = dice.upTo(ROWS.comments)
    const comment = await dataSource.getRepository(Comment).findOneBy({ id })
    if (comment === null) return []
    const factory = (): Sight => ({ rows: [[`c:${id}`, comment.n]], lists: [`is:c:${id}`] })
    return [await sweeper.getOrSet({ on: comment, key: 'card', factory })]
  },
}
