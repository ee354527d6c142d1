import { expect } from 'chai'
import { children, record } from '../../src/index'
import { RedisStore } from '../../src/redis'
import { recordQueries } from '../support/recorders/record-queries'
import {
  expectRedisCommands,
  recordRedisCommands,
} from '../support/recorders/record-redis-commands'
import { describeWith } from '../support/services'
import { until } from '../support/until'
import { Article, Comment, Line, Order } from '../support/zoo'
import { zooSweeper, type ZooSweeper } from '../support/zoo-sweeper'

describeWith(['postgres', 'redis'], 'lists of records', ({ postgres, redis }) => {
  let zoo: ZooSweeper
  let commands: ReturnType<typeof recordRedisCommands>
  let loads: number

  before(async () => {
    const client = redis.connect()
    const store = new RedisStore(client)
    zoo = await zooSweeper(postgres.options, { store, namespace: `${redis.namespace}-lists` })
    commands = recordRedisCommands(client)
  })
  beforeEach(() => {
    loads = 0
  })
  after(() => zoo.dataSource.destroy())

  async function anArticle(texts: readonly string[]): Promise<number> {
    const { id } = await zoo.dataSource.getRepository(Article).save({
      title: 'a',
      comments: texts.map((text) => ({ text })),
    })
    return id
  }

  function commentsOf(id: number, key = 'comments'): Promise<Comment[]> {
    return zoo.sweeper.list(Comment, {
      on: children(Article, id, 'comments'),
      key,
      ids: () => {
        loads++
        return zoo.dataSource
          .getRepository(Comment)
          .find({ select: { id: true }, where: { article: { id } }, order: { id: 'DESC' } })
      },
    })
  }

  const textsOf = async (id: number, key?: string): Promise<string[]> =>
    (await commentsOf(id, key)).map(({ text }) => text)

  async function warm(id: number, key?: string): Promise<void> {
    const sql = recordQueries(zoo.dataSource)
    await until(async () => {
      sql.reset()
      await commentsOf(id, key)
      return sql.count === 0
    })
    loads = 0
  }

  it('are instances in the order of their keys, for two commands and no query', async () => {
    const id = await anArticle(['x', 'y', 'z'])
    await warm(id)
    const sql = recordQueries(zoo.dataSource)

    const found = await expectRedisCommands(commands, 2, () => commentsOf(id))

    expect(sql.statements).to.deep.equal([])
    expect(found.map(({ text }) => text)).to.deep.equal(['z', 'y', 'x'])
    expect(found[0]).to.be.instanceOf(Comment)
  })

  it('follow what comes, goes, and changes', async () => {
    const id = await anArticle(['x', 'y'])
    const comments = zoo.dataSource.getRepository(Comment)
    await warm(id)

    const article = { id } as Article
    const { id: added } = await comments.save({ text: 'z', article })
    expect(await textsOf(id)).to.deep.equal(['z', 'y', 'x'])
    await warm(id)
    await comments.update(added, { text: 'zz' })
    expect(await textsOf(id)).to.deep.equal(['zz', 'y', 'x'])
    await warm(id)
    await comments.delete(added)
    expect(await textsOf(id)).to.deep.equal(['y', 'x'])
  })

  it('share their records: what one list has loaded is a hit for another', async () => {
    const id = await anArticle(['x', 'y'])
    await warm(id)
    const sql = recordQueries(zoo.dataSource)

    await textsOf(id, 'another')

    expect(sql.statements).to.have.length(1)
    expect(loads).to.equal(1)
  })

  it('leave out a record that is gone while its list stands', async () => {
    const id = await anArticle(['x', 'y'])
    const [first] = await commentsOf(id)
    const read = (): Promise<Comment[]> =>
      zoo.sweeper.list(Comment, {
        on: record(Article, id + 1_000_000),
        key: 'unrelated',
        ids: () => [first?.id ?? 0],
      })
    expect(await read()).to.have.length(1)
    await until(async () =>
      Boolean(await zoo.sweeper.get({ on: record(Article, id + 1_000_000), key: 'unrelated' })),
    )

    await zoo.dataSource.getRepository(Comment).delete(first?.id ?? 0)

    expect(await read()).to.deep.equal([])
  })

  it('may have composite keys, and any row of a type to depend on', async () => {
    await zoo.dataSource.getRepository(Order).save({ tenant: 'l', number: 1 })
    const lines = zoo.dataSource.getRepository(Line)
    await lines.save({ tenant: 'l', number: 1, position: 1, text: 'one' })
    const read = () =>
      zoo.sweeper.list(Line, {
        on: Line,
        key: 'all',
        relations: ['order'],
        ids: () => lines.findBy({ tenant: 'l' }),
      })
    expect((await read()).map(({ text, order }) => [text, order.number])).to.deep.equal([
      ['one', 1],
    ])

    await lines.save({ tenant: 'l', number: 1, position: 2, text: 'two' })

    expect((await read()).map(({ text }) => text)).to.deep.equal(['one', 'two'])
  })
})
