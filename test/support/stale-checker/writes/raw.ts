import { ROWS } from '../entities'
import { signed, type Write } from './write'

/** SQL that the library can name no rows of: the whole type is swept, so they are rare here. */
export const RAW: readonly Write[] = [
  {
    name: 'raw SQL',
    weight: 0.3,
    async run(dataSource, dice, by) {
      await dataSource.query('UPDATE check_vote SET by = $1 WHERE id = $2', [
        by,
        dice.upTo(ROWS.votes),
      ])
    },
  },
  {
    name: 'raw SQL in a transaction',
    weight: 0.3,
    run(dataSource, dice, by) {
      return signed(dataSource, by, async (manager) => {
        await manager.query('UPDATE check_comment SET by = $1 WHERE id = $2', [
          by,
          dice.upTo(ROWS.comments),
        ])
      })
    },
  },
]
