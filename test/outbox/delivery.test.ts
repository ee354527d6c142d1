import { expect } from 'chai'
import { randomBytes } from 'node:crypto'
import { DataSource } from 'typeorm'
import { record, type SweeperOptions } from '../../src/index'
import { RedisStore } from '../../src/redis'
import { describeWith } from '../support/services'
import { until } from '../support/services-process'
import { Article, Comment, Line, Order, Page, Vote } from '../support/zoo'
import { CutStore } from './support/cut-store'
import { DATABASES, OutboxApp } from './support/outbox-app'

type Name = (typeof DATABASES)[number] | 'redis'

for (const name of DATABASES)
  describeWith<Name>([name, 'redis'], `delivering the sweeps of others on ${name}`, (services) => {
    let namespace: string
    let store: CutStore
    let writer: OutboxApp
    let reader: OutboxApp
    /** Knows nothing of the library. */
    let plain: DataSource

    const redis = (): CutStore => new CutStore(new RedisStore(services.redis.connect()))
    const start = (options: SweeperOptions): Promise<OutboxApp> =>
      OutboxApp.start(services[name].options, { namespace, ...options })

    beforeEach(async () => {
      namespace = `${services.redis.namespace}-${randomBytes(4).toString('hex')}`
      store = redis()
      // What the writer leaves is for the reader.
      writer = await start({ store, timeout: '200ms', outbox: { pollEvery: '1h' } })
      reader = await start({ store: redis() })
      plain = await new DataSource(services[name].options).initialize()
    })
    afterEach(async () => {
      for (const { dataSource } of [writer, reader]) await dataSource.destroy()
      await plain.query('DELETE FROM sweep_outbox')
      await plain.destroy()
    })

    function title(id: number): Promise<string> {
      const articles = reader.dataSource.getRepository(Article)
      const factory = async (): Promise<string> => (await articles.findOneByOrFail({ id })).title
      return reader.sweeper.getOrSet({ on: record(Article, id), key: 'title', factory })
    }

    /** An article whose title the reader has cached. */
    async function cachedArticle(): Promise<number> {
      const { id } = await writer.dataSource.manager.save(Article, { title: 'old' })
      await until('the title cached', 5_000, async () => {
        await title(id)
        return (await reader.sweeper.get({ on: record(Article, id), key: 'title' })) !== undefined
      })
      return id
    }

    const version = (entity: new () => object, id: unknown): Promise<string> =>
      reader.sweeper.version(record(entity, id as number))

    async function insert(columns: Record<string, string>): Promise<void> {
      const names = Object.keys(columns).join(', ')
      const values = Object.values(columns).map((value) => `'${value}'`)
      await plain.query(`INSERT INTO sweep_outbox (${names}) VALUES (${values.join(', ')})`)
    }

    it('what a writer could not tell the store, another process tells it', async () => {
      const id = await cachedArticle()
      store.isCut = true

      await writer.dataSource.manager.save(Article, { id, title: 'new' })
      await until('the new title', 5_000, async () => (await title(id)) === 'new')

      await reader.drained()
      expect(reader.deliveredForOthers).to.equal(1)
    })

    it('the cascade is followed anew by whoever delivers', async () => {
      const article = { id: await cachedArticle() }
      const { manager } = writer.dataSource
      const comment = await manager.save(Comment, { text: 'x', article })
      const vote = await manager.save(Vote, { comment })
      await writer.drained()
      const before = await version(Article, article.id)
      await insert({ entity: 'zoo_vote', record_id: String(vote.id) })

      await until('the article swept', 5_000, async () => {
        return (await version(Article, article.id)) !== before
      })
    })

    it('a record that has moved since is followed to where it is', async () => {
      const [from, to] = [{ id: await cachedArticle() }, { id: await cachedArticle() }]
      const { manager } = writer.dataSource
      const comment = await manager.save(Comment, { text: 'x', article: from })
      await writer.drained()
      await reader.sweeper.close()
      store.isCut = true
      await manager.save(Vote, { comment })
      const article = plain.driver.escape('articleId')
      await plain.query(`UPDATE zoo_comment SET ${article} = ${to.id} WHERE id = ${comment.id}`)
      await writer.sweeper.close()
      const third = await start({ store: redis() })
      const ofArticle = (): Promise<string> => third.sweeper.version(record(Article, to.id))
      const before = await ofArticle()

      await until('its article swept', 5_000, async () => (await ofArticle()) !== before)

      await third.dataSource.destroy()
    })

    it('an entity and a composite key are enough, for writers that know nothing of the library', async () => {
      const { manager } = writer.dataSource
      const order = await manager.save(Order, { tenant: 'a', number: namespace.length })
      const line = { tenant: 'a', number: order.number, position: 1 }
      await manager.save(Line, line)
      const before = await version(Order, { tenant: 'a', number: order.number })

      await insert({ entity: 'Line', record_id: JSON.stringify(line) })

      await until('the order swept', 5_000, async () => {
        return (await version(Order, { tenant: 'a', number: order.number })) !== before
      })
    })

    for (const [what, columns] of Object.entries({
      'an entity without a key': { entity: 'Article' },
      'a table nobody knows': { entity: 'no_such_table', record_id: '1' },
      'the format of another release': { sweep: '{"v":2}' },
      'text that is no format': { sweep: '{"v":1,"rows":[' },
      'a composite key that is none': { entity: 'Line', record_id: 'seven' },
      'a key that is none': { entity: 'Comment', record_id: 'seven' },
    }))
      it(`${what} sweeps at least its type, and is gone`, async () => {
        const id = await cachedArticle()
        const swept = 'entity' in columns && columns.entity === 'Line' ? Order : Article
        const target = swept === Order ? { tenant: 'x', number: 9 } : id
        const before = await version(swept, target)

        await insert(columns)

        await until('it swept', 5_000, async () => (await version(swept, target)) !== before)
        await reader.drained()
      })

    it('a row of another namespace is left alone', async () => {
      await insert({ namespace: 'another', entity: 'Article', record_id: '1' })
      await insert({ entity: 'Article', record_id: '1' })

      await until('one row left', 5_000, async () => (await reader.rows()).length === 1)

      expect((await reader.rows())[0]).to.have.property('namespace', 'another')
    })

    it('a backlog drains in batches', async () => {
      for (let at = 0; at < 25; at++) await insert({ entity: 'Page', record_id: String(at) })
      const third = await start({
        store: redis(),
        namespace: `${namespace}-other`,
        outbox: { pollEvery: '20ms', batch: 10 },
      })
      await reader.sweeper.close()
      for (let at = 0; at < 25; at++) await insert({ entity: 'Page', record_id: String(at) })

      await third.drained()
      await third.dataSource.destroy()

      expect(third.deliveredForOthers).to.be.at.least(25)
    })

    it('two processes that look at the same time share the rows', async () => {
      const other = await start({ store: redis(), namespace: `${namespace}-2` })
      const rows = Array.from({ length: 300 }, () => "('Page', '1')").join(', ')
      await plain.query(`INSERT INTO sweep_outbox (entity, record_id) VALUES ${rows}`)

      await reader.drained()
      await other.dataSource.destroy()

      expect(reader.deliveredForOthers + other.deliveredForOthers).to.equal(300)
    })

    it('rows that a dying process had claimed come back', async () => {
      const held = plain.createQueryRunner()
      await insert({ entity: 'Article', record_id: '1' })
      await held.startTransaction('READ COMMITTED')
      await held.query('SELECT id FROM sweep_outbox FOR UPDATE')
      const looks = reader.deliveredForOthers
      await until('a look that finds it claimed', 5_000, async () => {
        await insert({ entity: 'Page', record_id: '1' })
        return reader.deliveredForOthers > looks
      })
      const before = await version(Article, 1)

      await held.rollbackTransaction()
      await held.release()

      await until('it swept', 5_000, async () => (await version(Article, 1)) !== before)
      await reader.drained()
    })

    it('under onStoreError: throw a write waits until anybody has delivered it', async () => {
      const id = await cachedArticle()
      const strict = redis()
      const pending: number[] = []
      const other = await start({
        store: strict,
        onStoreError: 'throw',
        timeout: { write: '200ms', read: '200ms', delivery: '3s' },
        outbox: { pollEvery: '1h' },
      })
      other.sweeper.on('sweep-pending', ({ keys }) => pending.push(keys))
      strict.isCut = true

      await other.dataSource.manager.save(Article, { id, title: 'new' })

      expect(await title(id)).to.equal('new')
      expect(pending).to.deep.equal([])
      strict.isCut = false
      await other.dataSource.destroy()
    })

    it('and ends its waiting with an event when nobody does', async () => {
      await reader.dataSource.destroy()
      const strict = redis()
      const other = await start({
        store: strict,
        onStoreError: 'throw',
        timeout: '300ms',
        outbox: { pollEvery: '1h' },
      })
      const pending: number[] = []
      other.sweeper.on('sweep-pending', ({ keys }) => pending.push(keys))
      strict.isCut = true
      const startedMs = performance.now()

      await other.dataSource.manager.save(Page, { title: 'x' })

      expect(performance.now() - startedMs).to.be.lessThan(2_000)
      expect(pending).to.have.length(1)
      await other.dataSource.destroy()
      await reader.dataSource.initialize()
    })
  })
