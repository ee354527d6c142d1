import { expect } from 'chai'
import { Judge } from './judge'
import type { ReadOperation, WriteOperation } from './messages'

const BOUND_MS = 8_000

/** A vote stands on comment 1, is moved to comment 2 by a, and written there by b. */
describe('the judge of the stale checker, where marks may not be acknowledged', () => {
  const judgeOf = (dead = ''): Judge =>
    new Judge({
      hasMarks: false,
      boundMs: BOUND_MS,
      losesWith: (by) => by === dead,
      hasForgotten: () => false,
    })

  const write = (
    judge: Judge,
    n: number,
    by: string,
    comment: number,
    outcome?: WriteOperation['outcome'],
  ): void => {
    const lists = ['is:v:1', `votes-of:${comment}`]
    judge.committed({ n, register: 'v:1', lists, by })
    if (outcome !== undefined) judge.acknowledged({ by, outcome, startMs: n, endMs: n })
  }

  const read = (comment: number, seen: number, startMs = 10): ReadOperation => ({
    ...{ kind: 'read', reader: 'r', reading: 'getOrSetMany', startMs, endMs: startMs + 1 },
    sight: { rows: [['v:1', seen]], lists: [`votes-of:${comment}`] },
  })

  const moved = (outcome: WriteOperation['outcome']): Judge => {
    const judge = judgeOf()
    write(judge, 1, 'seed', 1, 'delivered')
    write(judge, 2, 'a', 2, outcome)
    write(judge, 3, 'b', 2, 'delivered')
    return judge
  }

  const kinds = ({ violations }: Judge): readonly string[] => violations.map(({ kind }) => kind)

  it('takes what a delivered write must have swept for stale', () => {
    const judge = judgeOf()
    write(judge, 1, 'seed', 1, 'delivered')
    write(judge, 2, 'a', 1, 'pending')
    write(judge, 3, 'b', 1, 'delivered')

    judge.read(read(1, 1))

    expect(kinds(judge)).to.deep.equal(['stale'])
  })

  it('lets the place that a row has left be old while its move is not delivered', () => {
    const judge = moved('pending')

    judge.read(read(1, 1))

    expect(kinds(judge)).to.deep.equal([])
    expect(judge.behindMoves.reads).to.equal(1)
  })

  it('but not for longer than the bound, nor where the row is now, nor once the move is delivered', () => {
    const [late, there, delivered] = [moved('pending'), moved('pending'), moved('delivered')]

    late.read(read(1, 1, BOUND_MS + 10))
    there.read(read(2, 2))
    delivered.read(read(1, 1))

    for (const judge of [late, there, delivered]) expect(kinds(judge)).to.deep.equal(['stale'])
  })

  for (const [dead, found] of [
    ['a', []],
    ['', ['stale at the end']],
  ] as const)
    it(`lets what was lost with ${dead === '' ? 'nobody' : 'a dead process'} be old at the end`, () => {
      const judge = judgeOf(dead)
      write(judge, 1, 'seed', 1, 'delivered')
      write(judge, 2, 'a', 1, 'pending')

      judge.lastRead(read(1, 1))

      expect(kinds(judge)).to.deep.equal(found)
      expect(judge.lost).to.equal(found.length === 0 ? 1 : 0)
    })
})
