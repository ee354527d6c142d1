import { expect } from 'chai'
import type { Redis } from 'ioredis'
import type { DataSource } from 'typeorm'
import { record, type Sweeper } from '../../src/index'
import { ClusterStore, RedisStore } from '../../src/redis'
import { recordQueries } from '../support/recorders/record-queries'
import {
  expectRedisCommands,
  recordRedisCommands,
} from '../support/recorders/record-redis-commands'
import { describeOnSqlite, describeWith, sqljs } from '../support/services'
import { Article, Comment, Vote } from '../support/zoo'
import { zooSweeper, type ZooSweeper } from '../support/zoo-sweeper'

describeWith(['postgres', 'redis'], 'reading through Redis', ({ postgres, redis }) => {
  itReadsThrough(() =>
    zooSweeper(postgres.options, {
      store: new RedisStore(redis.connect()),
      namespace: redis.namespace,
    }),
  )

  describe('costs', () => {
    let zoo: ZooSweeper
    let client: Redis

    before(async () => {
      client = redis.connect()
      const store = new RedisStore(client)
      zoo = await zooSweeper(postgres.options, { store, namespace: `${redis.namespace}-costs` })
    })
    after(() => zoo.dataSource.destroy())

    it('one command and no SQL for a hit', async () => {
      const { dataSource, sweeper } = zoo
      const { id } = await dataSource.getRepository(Article).save({ title: 'a' })
      const read = (): Promise<string> =>
        sweeper.getOrSet({ on: record(Article, id), key: 'card', factory: () => 'x' })
      await read()
      await until(async () => (await sweeper.get({ on: record(Article, id), key: 'card' })) === 'x')

      const queries = recordQueries(dataSource)
      await expectRedisCommands(recordRedisCommands(client), 1, read)
      expect(queries.statements).to.deep.equal([])
    })

    it('one command for a page of fifty fragments', async () => {
      const { dataSource, sweeper } = zoo
      const articles = await dataSource
        .getRepository(Article)
        .save(Array.from({ length: 50 }, (_, index) => ({ title: `${index}` })))
      const on = articles.map(({ id }) => record(Article, id))
      const page = (): Promise<string[]> =>
        Promise.all(on.map((one) => sweeper.getOrSet({ on: one, key: 'card', factory: () => 'x' })))
      const many = (): Promise<string[]> =>
        sweeper.getOrSetMany({ on, key: 'card', factory: (missing) => missing.map(() => 'x') })
      await page()
      await until(async () => (await sweeper.get({ on: on[49] ?? [], key: 'card' })) === 'x')

      const commands = recordRedisCommands(client)
      expect(await expectRedisCommands(commands, 1, page)).to.deep.equal(on.map(() => 'x'))
      expect(await expectRedisCommands(commands, 1, many)).to.deep.equal(on.map(() => 'x'))
    })
  })
})

describeWith(['redisCluster'], 'reading through a cluster', ({ redisCluster }) => {
  const open = (namespace: string): Promise<ZooSweeper> =>
    zooSweeper(sqljs(), {
      store: new ClusterStore(redisCluster.connect()),
      namespace,
      explain: true,
    })
  itReadsThrough(() => open(redisCluster.namespace))

  it('renders each record of a type anew when its rows cannot be known, wherever it is kept', async () => {
    const { dataSource, sweeper } = await open(`${redisCluster.namespace}-types`)
    const articles = await dataSource
      .getRepository(Article)
      .save(Array.from({ length: 100 }, (_, index) => ({ title: `${index}` })))
    const on = articles.map(({ id }) => record(Article, id))
    let renders = 0
    const page = (): Promise<string[]> =>
      sweeper.getOrSetMany({
        on,
        key: 'card',
        factory: (missing) => missing.map(() => `${++renders}`),
      })
    await page()
    await until(async () => {
      const before = renders
      await page()
      return renders === before
    })
    const rendered = renders
    await dataSource.query(`UPDATE "${dataSource.getMetadata(Article).tableName}" SET title = 'b'`)
    await page()
    const { tokens } = await sweeper.explain(on[0] ?? [], 'card')
    await dataSource.destroy()

    expect(renders).to.equal(rendered + 100)
    expect(tokens.map(({ name }) => name)).to.deep.equal(['Article:1', 'all of Article'])
    expect(tokens[1]?.lastWrite?.operation).to.equal('whole type')
  })
})

describeOnSqlite('reading through memory,', (options) => {
  itReadsThrough(() => zooSweeper(options()))
})

function itReadsThrough(open: () => Promise<ZooSweeper>): void {
  let dataSource: DataSource
  let sweeper: Sweeper

  before(async () => {
    const zoo = await open()
    dataSource = zoo.dataSource
    sweeper = zoo.sweeper
  })
  after(() => dataSource.destroy())

  async function aThread(): Promise<{ article: Article; comment: Comment }> {
    const article = await dataSource.getRepository(Article).save({ title: 'a' })
    const comments = dataSource.getRepository(Comment)
    const comment = await comments.save(comments.create({ text: 'c', article }))
    return { article, comment }
  }

  /** Reads a fragment and tells whether it was rendered for it. */
  function reader(on: Parameters<typeof sweeper.get>[0]['on']): () => Promise<'rendered' | 'hit'> {
    let renders = 0
    return async () => {
      const before = renders
      await sweeper.getOrSet({ on, key: 'card', factory: () => `render ${++renders}` })
      return renders === before ? 'hit' : 'rendered'
    }
  }

  async function warm(read: () => Promise<'rendered' | 'hit'>): Promise<void> {
    await until(async () => (await read()) === 'hit')
  }

  it('gives a record a version at its creation, and another after a save', async () => {
    const { comment } = await aThread()
    const on = record(Comment, comment.id)

    const first = await sweeper.version(on)
    expect(await sweeper.version(on)).to.equal(first)
    expect(await sweeper.version(comment)).to.equal(first)
    await dataSource.getRepository(Comment).save({ id: comment.id, text: 'd' })
    expect(await sweeper.version(on)).not.to.equal(first)
  })

  it('makes a vote move its comment and the comment’s article', async () => {
    const { article, comment } = await aThread()
    const versions = (): Promise<string[]> =>
      Promise.all([
        sweeper.version(record(Comment, comment.id)),
        sweeper.version(record(Article, article.id)),
      ])
    const before = await versions()

    await dataSource.getRepository(Vote).save({ comment })

    const after = await versions()
    expect(after[0]).not.to.equal(before[0])
    expect(after[1]).not.to.equal(before[1])
  })

  it('keeps a fragment a hit until its comment gets a vote', async () => {
    const { article, comment } = await aThread()
    const { comment: other } = await aThread()
    const [card, page, unrelated] = [
      reader(record(Comment, comment.id)),
      reader(record(Article, article.id)),
      reader(record(Comment, other.id)),
    ]
    await Promise.all([card, page, unrelated].map(warm))

    await dataSource.getRepository(Vote).save({ comment })

    expect(await Promise.all([card(), page(), unrelated()])).to.deep.equal([
      'rendered',
      'rendered',
      'hit',
    ])
  })

  it('moves what depends on any comment, and on several records', async () => {
    const { article, comment } = await aThread()
    const [any, both] = [
      reader(Comment),
      reader([record(Article, article.id), record(Comment, comment.id)]),
    ]
    await Promise.all([any, both].map(warm))

    await dataSource.getRepository(Comment).save({ id: comment.id, text: 'e' })

    expect(await Promise.all([any(), both()])).to.deep.equal(['rendered', 'rendered'])
  })

  it('keeps a fragment of an instance that was loaded after the last write, and no other', async () => {
    const { comment } = await aThread()
    const load = (): Promise<Comment> =>
      dataSource.getRepository(Comment).findOneByOrFail({ id: comment.id })
    const old = await load()
    await dataSource.getRepository(Comment).save({ id: comment.id, text: 'new' })
    const render = (on: Comment): Promise<string> =>
      sweeper.getOrSet({ on, key: 'text', factory: () => on.text })

    expect(await render(old)).to.equal('c')
    expect(await render(await load())).to.equal('new')
    await until(async () => {
      await render(await load())
      return (await sweeper.get({ on: await load(), key: 'text' })) === 'new'
    })
    expect(await sweeper.get({ on: record(Comment, comment.id), key: 'text' })).to.equal('new')
  })

  it('stores nothing inside a transaction, and serves nothing after it has written', async () => {
    const { comment } = await aThread()
    const on = record(Comment, comment.id)
    const text = (manager?: DataSource['manager']): Promise<string> =>
      sweeper.getOrSet({
        on,
        key: 'text',
        ...(manager && { manager }),
        factory: async () =>
          (await (manager ?? dataSource.manager).findOneByOrFail(Comment, { id: comment.id })).text,
      })
    await until(
      async () => (await text()) === 'c' && (await sweeper.get({ on, key: 'text' })) === 'c',
    )

    await dataSource
      .transaction(async (manager) => {
        expect(await text(manager)).to.equal('c')
        await manager.save(Comment, { id: comment.id, text: 'uncommitted' })
        expect(await text(manager)).to.equal('uncommitted')
        throw new Error('no')
      })
      .catch((error: unknown) => expect(error).to.have.property('message', 'no'))

    expect(await text()).to.equal('c')
  })

  it('loads each missing subject of many once, in order', async () => {
    const threads = [await aThread(), await aThread(), await aThread()]
    const [a, b, c] = threads.map(({ comment }) => record(Comment, comment.id))
    if (a === undefined || b === undefined || c === undefined) throw new Error('three threads')
    await sweeper.getOrSet({ on: b, key: 'many', factory: () => 'b' })
    await until(async () => (await sweeper.get({ on: b, key: 'many' })) === 'b')
    const asked: unknown[][] = []

    const values = await sweeper.getOrSetMany({
      on: [c, b, a, c],
      key: 'many',
      factory: (missing) => {
        asked.push([...missing])
        return missing.map((one) => (one === a ? 'a' : 'c'))
      },
    })

    expect(values).to.deep.equal(['c', 'b', 'a', 'c'])
    expect(asked).to.deep.equal([[c, a]])
  })

  it('runs one load for many callers', async () => {
    const { comment } = await aThread()
    let loads = 0
    const values = await Promise.all(
      Array.from({ length: 100 }, () =>
        sweeper.getOrSet({
          on: record(Comment, comment.id),
          key: 'shared',
          factory: async () => {
            loads++
            await new Promise((resolve) => setTimeout(resolve, 20))
            return { at: new Date(0), big: 1n }
          },
        }),
      ),
    )
    expect(loads).to.equal(1)
    expect(values[99]).to.deep.equal({ at: new Date(0), big: 1n })
  })

  it('makes everything a miss after clear()', async () => {
    const { comment } = await aThread()
    const card = reader(record(Comment, comment.id))
    await warm(card)
    await sweeper.clear()
    expect(await card()).to.equal('rendered')
  })
}

/** Waits for something that nobody waits for in production: a fill. */
async function until(condition: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    if (await condition()) return
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  throw new Error('it did not become true within a second')
}
