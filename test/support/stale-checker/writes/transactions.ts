import { Comment, ROWS, Vote } from '../entities'
import { signed, takeTurns, type Write } from './write'

/** Thrown to roll back. */
class ChangedMindError extends Error {}

async function undone(work: Promise<void>): Promise<void> {
  try {
    await work
  } catch (error) {
    if (!(error instanceof ChangedMindError)) throw error
  }
}

export const TRANSACTIONS: readonly Write[] = [
  {
    name: 'rollback',
    weight: 2,
    run(dataSource, dice, by) {
      return undone(
        signed(dataSource, by, async (manager) => {
          await manager.getRepository(Comment).update({ id: dice.upTo(ROWS.comments) }, { by })
          throw new ChangedMindError()
        }),
      )
    },
  },
  {
    name: 'savepoint rolled back, the rest committed',
    weight: 2,
    run(dataSource, dice, by) {
      return signed(dataSource, by, async (manager) => {
        await manager.getRepository(Vote).save({ id: dice.upTo(ROWS.votes), by })
        await undone(
          manager.transaction(async (inner) => {
            await inner.getRepository(Comment).update({ id: dice.upTo(ROWS.comments) }, { by })
            throw new ChangedMindError()
          }),
        )
      })
    },
  },
  {
    name: 'remove, or make again',
    weight: 1,
    run(dataSource, dice, by) {
      const id = dice.upTo(ROWS.comments)
      return signed(dataSource, by, async (manager) => {
        await takeTurns(manager, 1_000 + id)
        const comments = manager.getRepository(Comment)
        const found = await comments.findOneBy({ id })
        if (found !== null && dice.chance(0.3)) await comments.remove(found)
        else await comments.upsert({ id, by, article: { id: dice.upTo(ROWS.articles) } }, ['id'])
      })
    },
  },
]
