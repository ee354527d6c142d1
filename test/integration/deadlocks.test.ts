import { expect } from 'chai'
import type { EntityManager } from 'typeorm'
import { record } from '../../src/index'
import { describeWith } from '../support/services'
import { Article, Comment, Vote } from '../support/zoo'
import { zooSweeper, type ZooSweeper } from '../support/zoo-sweeper'

describeWith(['postgres'], 'a deadlock on PostgreSQL', ({ postgres }) => {
  itIsTheCallersError(() => zooSweeper(postgres.options))
})

describeWith(['mariadb'], 'a deadlock on MariaDB', ({ mariadb }) => {
  itIsTheCallersError(() => zooSweeper(mariadb.options))
})

function itIsTheCallersError(open: () => Promise<ZooSweeper>): void {
  let zoo: ZooSweeper

  before(async () => {
    zoo = await open()
  })
  after(() => zoo.dataSource.destroy())

  /** Two transactions that write the same two comments in opposite order; `second` meets the deadlock. */
  async function collide(second: (manager: EntityManager, id: number) => Promise<unknown>) {
    const { dataSource, sweeper } = zoo
    const articles = await dataSource.manager.save(
      [1, 2].map(() => dataSource.manager.create(Article, { title: 'a' })),
    )
    const comments = await dataSource.manager.save(
      articles.map((article) => dataSource.manager.create(Comment, { text: 'old', article })),
    )
    const votes = await dataSource.manager.save(
      comments.map((comment) => dataSource.manager.create(Vote, { comment })),
    )
    const [a = 0, b = 0] = comments.map(({ id }) => id)
    const versions = () => Promise.all(votes.map(({ id }) => sweeper.version(record(Vote, id))))
    const before = await versions()

    let both = (): void => undefined
    const bothHold = new Promise<void>((resolve) => (both = resolve))
    let holding = 0
    const write = (vote: number, mine: number, their: number) =>
      dataSource.transaction(async (manager) => {
        await manager.update(Vote, vote, { value: 7 })
        await manager.update(Comment, mine, { text: 'new' })
        if (++holding === 2) both()
        await bothHold
        await second(manager, their)
      })
    const [one = 0, other = 0] = votes.map(({ id }) => id)
    const outcomes = await Promise.allSettled([write(one, a, b), write(other, b, a)])
    const rows = await dataSource.manager.findBy(
      Vote,
      votes.map(({ id }) => ({ id })),
    )
    const after = await versions()
    return {
      committed: outcomes.map(({ status }) => status === 'fulfilled'),
      errors: outcomes.flatMap((one) => (one.status === 'rejected' ? [String(one.reason)] : [])),
      written: rows.toSorted((x, y) => x.id - y.id).map(({ value }) => value === 7),
      swept: after.map((version, index) => version !== before[index]),
    }
  }

  for (const [what, second] of [
    ['a statement', (m, id) => m.update(Comment, id, { text: 'both' })],
    ['a look before a statement', (m, id) => m.update(Comment, id, { article: null })],
    ['a look before a save', (m, id) => m.save(m.create(Comment, { id, article: null }))],
  ] satisfies [string, (m: EntityManager, id: number) => Promise<unknown>][])
    it(`in ${what} rejects, and nothing of its transaction is written or swept`, async () => {
      const { committed, errors, written, swept } = await collide(second)

      expect(committed.filter((one) => one)).to.have.length(1)
      expect(errors[0]).to.match(/deadlock/i)
      expect(written).to.deep.equal(committed)
      expect(swept).to.deep.equal(committed)
    })

  it('leaves nothing unswept that was sent beside the statement that met it', async () => {
    const { dataSource, sweeper } = zoo
    const late = await dataSource.manager.save(
      [1, 2].map(() => dataSource.manager.create(Vote, { value: 1 })),
    )
    const versions = () => Promise.all(late.map(({ id }) => sweeper.version(record(Vote, id))))
    const before = await versions()
    const ids = late.map(({ id }) => id)
    const sent: Promise<unknown>[] = []

    await collide((manager, id) => {
      const beside = [
        manager.update(Comment, id, { text: 'both' }),
        manager.update(Vote, ids.shift() ?? 0, { value: 9 }),
      ]
      sent.push(...beside)
      return Promise.all(beside)
    })
    await Promise.allSettled(sent)

    const after = await versions()
    const rows = await dataSource.manager.findBy(
      Vote,
      late.map(({ id }) => ({ id })),
    )
    // MariaDB has rolled back when the second arrives: it commits by itself.
    const written = rows.toSorted((x, y) => x.id - y.id).map(({ value }) => value === 9)
    expect(after.map((version, index) => version !== before[index])).to.deep.equal(written)
    expect(written.filter((one) => one)).to.have.length(
      dataSource.options.type === 'mariadb' ? 2 : 1,
    )
  })
}
