import { expect } from 'chai'
import type { DataSourceOptions } from 'typeorm'
import { MemoryStore, record, type SweepCause } from '../../src/index'
import { describeWith, sqljs } from '../support/services'
import { Article, Comment, Vote } from '../support/zoo'
import { zooSweeper, type ZooSweeper } from '../support/zoo-sweeper'

describe('why something was swept, on sql.js', () => {
  itNamesEachStep(() => sqljs())
})

describeWith(['postgres'], 'why something was swept, on PostgreSQL', ({ postgres }) => {
  itNamesEachStep(() => postgres.options)
})

function itNamesEachStep(database: () => DataSourceOptions): void {
  let zoo: ZooSweeper
  let article: Article
  let comment: Comment

  beforeEach(async () => {
    zoo = await zooSweeper(database(), { store: new MemoryStore(), namespace: 'causes' })
    const { manager } = zoo.dataSource
    article = await manager.save(manager.create(Article, { title: 'Tokens' }))
    comment = await manager.save(manager.create(Comment, { text: 'Nice.', article }))
    zoo.sweeps.reset()
  })
  afterEach(() => zoo.dataSource.destroy())

  const causeOf = (swept: string): SweepCause | undefined =>
    zoo.sweeps.events.flatMap(({ causes }) => causes).find((cause) => cause.record === swept)

  it('begins with the record that was written, and goes through each step', async () => {
    const { manager } = zoo.dataSource
    await zoo.sweeper.version(record(Article, article.id))
    const vote = await manager.save(manager.create(Vote, { comment }))

    expect(causeOf(`Vote:${vote.id}`)).to.deep.equal({
      record: `Vote:${vote.id}`,
      operation: 'insert',
      path: [],
      relations: [],
    })
    const path = [`Vote:${vote.id}`, `Comment:${comment.id}`]
    const relations = ['Vote.comment', 'Comment.article']
    expect(causeOf(`Article:${article.id}`)).to.deep.equal({
      record: `Article:${article.id}`,
      operation: 'insert',
      path,
      relations,
    })
    const explained = await zoo.sweeper.explain(record(Article, article.id), 'page')
    expect(explained.tokens[0]?.lastWrite).to.deep.include({
      record: `Vote:${vote.id}`,
      operation: 'insert',
      path,
      relations,
    })
    const { id } = vote
    expect(String(explained)).to.match(
      new RegExp(
        `insert of Vote:${id} through Vote.comment to Comment:${comment.id}, through Comment.article at `,
      ),
    )
  })

  it('names each of several records that were inserted at once', async () => {
    const { manager } = zoo.dataSource
    const other = await manager.save(manager.create(Article, { title: 'Others' }))
    zoo.sweeps.reset()
    const result = await manager.insert(Comment, [
      { text: 'one', article },
      { text: 'two', article: other },
    ])
    const [one, two] = result.identifiers.map((identifier) => Number(identifier['id']))
    const first = Math.min(one ?? 0, (two ?? 0) - 1)

    expect(causeOf(`Article:${article.id}`)?.path).to.deep.equal([`Comment:${first}`])
    expect(causeOf(`Article:${other.id}`)?.path).to.deep.equal([`Comment:${first + 1}`])
  })

  it('names what was inserted in one transaction by several statements', async () => {
    const saved = await zoo.dataSource.transaction(async (manager) => {
      const other = await manager.save(manager.create(Article, { title: 'Others' }))
      const one = await manager.save(manager.create(Comment, { text: 'one', article }))
      return { other, one, two: await manager.save(manager.create(Comment, { article: other })) }
    })

    expect(causeOf(`Article:${article.id}`)?.path).to.deep.equal([`Comment:${saved.one.id}`])
    const { tokens } = await zoo.sweeper.explain(record(Article, article.id), 'page')
    expect(tokens[0]?.lastWrite?.record).to.equal(`Comment:${saved.one.id}`)
  })

  it('names the old and the new parent of a record that moved', async () => {
    const { manager } = zoo.dataSource
    const other = await manager.save(manager.create(Article, { title: 'Others' }))
    zoo.sweeps.reset()
    await manager.update(Comment, comment.id, { article: other })

    for (const { id } of [article, other])
      expect(causeOf(`Article:${id}`)).to.deep.include({
        operation: 'update',
        path: [`Comment:${comment.id}`],
        relations: ['Comment.article'],
      })
  })
}
