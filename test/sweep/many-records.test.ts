import { expect } from 'chai'
import type { DataSource } from 'typeorm'
import { record, type Sweeper } from '../../src/index'
import { describeOnSqlite } from '../support/services'
import { Article, Comment } from '../support/zoo'
import { type SweepRecorder, zooSweeper } from '../support/zoo-sweeper'

/** Changed records of one type that one transaction sweeps by name. */
const BY_NAME = 1000

describeOnSqlite('a transaction that changes many records of one type', (options) => {
  let dataSource: DataSource
  let sweeper: Sweeper
  let sweeps: SweepRecorder
  let article: Article
  let comments: Comment[]

  before(async () => {
    ;({ dataSource, sweeper, sweeps } = await zooSweeper(options()))
    article = await dataSource.manager.save(Article, { title: 'a' })
    const texts = Array.from({ length: BY_NAME + 1 }, (_, at) => ({ text: `c${at}` }))
    await dataSource.getRepository(Comment).save(texts, { chunk: 500 })
    comments = await dataSource.getRepository(Comment).find({ order: { id: 'ASC' } })
  })
  after(() => dataSource.destroy())
  beforeEach(() => sweeps.reset())

  const changed = (from: number, to: number, text: string): Comment[] =>
    comments.slice(from, to).map((comment) => Object.assign(comment, { text }))

  it('sweeps a thousand by their names', async () => {
    await dataSource.manager.save(changed(0, BY_NAME, 'one'))

    expect(sweeps.records).to.have.length(BY_NAME)
    expect(sweeps.types).to.deep.equal([])
  })

  it('sweeps the type in the place of more, and what they belong to by its name', async () => {
    const page = record(Article, article.id)
    const unchanged = record(Comment, comments[0]?.id ?? 0)
    const before = [await sweeper.version(page), await sweeper.version(unchanged)]
    const last = comments.at(-1)
    if (last !== undefined) last.article = article

    await dataSource.manager.save(changed(0, BY_NAME + 1, 'two'))

    expect(sweeps.records).to.deep.equal([`Article:${article.id}`])
    expect(sweeps.types).to.deep.equal(['Comment'])
    expect(await sweeper.version(page)).not.to.equal(before[0])
    expect(await sweeper.version(unchanged)).not.to.equal(before[1])
  })

  it('counts what a savepoint has changed with the rest, and each record once', async () => {
    await dataSource.transaction(async (manager) => {
      await manager.save(changed(0, 600, 'three'))
      await manager.transaction((inner) => inner.save(changed(400, BY_NAME, 'four')))
    })
    const few = [...sweeps.types]

    await dataSource.transaction(async (manager) => {
      await manager.save(changed(0, 600, 'five'))
      await manager.transaction((inner) => inner.save(changed(600, BY_NAME + 1, 'six')))
    })

    expect(few).to.deep.equal([])
    expect(sweeps.types).to.deep.equal(['Comment'])
  })

  it('sweeps by name again in the next transaction', async () => {
    await dataSource.manager.save(changed(0, 1, 'seven'))

    expect(sweeps.records).to.include(`Comment:${comments[0]?.id}`)
    expect(sweeps.types).to.deep.equal([])
  })
})
