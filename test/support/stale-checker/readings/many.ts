import { record } from '../../../../src/index'
import { Comment, ROWS } from '../entities'
import { seeComment, type Sight } from '../sight'
import type { Reading } from './reading'

export const manyComments: Reading = {
  name: 'getOrSetMany',
  weight: 16,
  read({ dataSource, sweeper, dice }) {
    const ids = dice.some(128, ROWS.comments)
    return sweeper.getOrSetMany<ReturnType<typeof record>, Sight>({
      on: ids.map((id) => record(Comment, id)),
      key: 'in a list',
      factory: (missing) =>
        Promise.all(missing.map(({ id }) => seeComment(dataSource, Number(id)))),
    })
  },
}
