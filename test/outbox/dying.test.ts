import { expect } from 'chai'
import { randomBytes } from 'node:crypto'
import { record, type SweeperOptions } from '../../src/index'
import { RedisStore } from '../../src/redis'
import { GatedStore } from '../support/gated-store'
import { recordQueries } from '../support/recorders/record-queries'
import { RedisClients } from '../support/redis-clients'
import { describeWith } from '../support/services'
import { until } from '../support/services-process'
import type { RedisServer } from '../support/services-redis-server'
import { Article } from '../support/zoo'
import { DyingProcess } from './support/dying-process'
import { DATABASES, OutboxApp } from './support/outbox-app'

type Name = (typeof DATABASES)[number] | 'redisServer'

for (const name of DATABASES)
  describeWith<Name>([name, 'redisServer'], `what dies, with an outbox on ${name}`, (services) => {
    const clients = new RedisClients()
    let server: RedisServer
    let namespace: string
    let apps: OutboxApp[] = []

    before(async () => {
      server = await services.redisServer.start()
    })
    beforeEach(() => {
      namespace = randomBytes(4).toString('hex')
    })
    afterEach(async () => {
      for (const { dataSource } of apps.splice(0)) await dataSource.destroy()
      apps = []
    })
    after(() => clients.close())

    async function start(options: SweeperOptions = {}): Promise<OutboxApp> {
      const store = new RedisStore(clients.connect(server.url))
      const app = await OutboxApp.start(services[name].options, { store, namespace, ...options })
      apps.push(app)
      return app
    }

    /** A process of the application that leaves what others have left. */
    const bystander = (): Promise<OutboxApp> => start({ outbox: { pollEvery: '1h' } })

    function dyingProcess(writes: number | undefined): Promise<DyingProcess> {
      const database = services[name].options
      return DyingProcess.upToItsSweep({ database, redisUrl: server.url, namespace, writes })
    }

    const cached = ({ sweeper }: OutboxApp, id: number): Promise<string | undefined> =>
      sweeper.get<string>({ on: record(Article, id), key: 'title' })

    function title({ sweeper, dataSource }: OutboxApp, id: number): Promise<string> {
      const articles = dataSource.getRepository(Article)
      const factory = async (): Promise<string> => (await articles.findOneByOrFail({ id })).title
      return sweeper.getOrSet({ on: record(Article, id), key: 'title', factory })
    }

    /** An article whose old title is cached. */
    async function cachedArticle(app: OutboxApp): Promise<number> {
      const { id } = await app.dataSource.manager.save(Article, { title: 'old' })
      await app.drained()
      await until('the title cached', 5_000, async () => {
        await title(app, id)
        return (await cached(app, id)) !== undefined
      })
      return id
    }

    it('a process killed between COMMIT and sweep leaves a row, by which another process sweeps', async function () {
      this.timeout(60_000)
      const app = await bystander()
      const id = await cachedArticle(app)
      const writer = await dyingProcess(id)

      await writer.kill()

      const { title: written } = await app.dataSource.manager.findOneByOrFail(Article, { id })
      expect([written, await cached(app, id)]).to.deep.equal(['new', 'old'])
      expect(await app.rows()).to.have.length(1)
      const other = await start()
      await until('the new title', 5_000, async () => (await title(app, id)) === 'new')
      await other.drained()
      expect(other.deliveredForOthers).to.equal(1)
    })

    it('a process killed while it delivers for others leaves the row to the next', async function () {
      this.timeout(60_000)
      const app = await bystander()
      const id = await cachedArticle(app)
      await (await dyingProcess(id)).kill()
      const deliverer = await dyingProcess(undefined)

      await deliverer.kill()

      expect(await cached(app, id)).to.equal('old')
      const other = await start()
      await until('the new title', 5_000, async () => (await title(app, id)) === 'new')
      await other.drained()
      expect(other.deliveredForOthers).to.equal(1)
    })

    it('a store that dies keeps no write waiting beyond its bound, and has its sweeps when it is back', async function () {
      this.timeout(60_000)
      const reader = await start({ timeout: '300ms' })
      const writer = await start({ timeout: '300ms', outbox: { pollEvery: '1h' } })
      const id = await cachedArticle(reader)
      await server.kill()

      const startedMs = performance.now()
      await writer.dataSource.manager.save(Article, { id, title: 'new' })
      // The memory of this process goes with it: what is left is the row.
      await writer.dataSource.destroy()
      apps = apps.filter((app) => app !== writer)
      expect(performance.now() - startedMs).to.be.lessThan(5_000)
      expect(await title(reader, id)).to.equal('new')
      expect(await reader.rows()).to.have.length(1)
      const before = reader.deliveredForOthers
      await server.restart()

      await reader.drained()
      expect(reader.deliveredForOthers - before).to.equal(1)
      expect(await title(reader, id)).to.equal('new')
    })

    it('starting and ending with a dead store are bounded, and the looks end with their process', async function () {
      this.timeout(60_000)
      await server.kill()
      const startedMs = performance.now()

      const app = await start({ timeout: '300ms', outbox: { pollEvery: '20ms' } })
      await app.dataSource.manager.save(Article, { title: 'x' })
      await app.sweeper.close()

      expect(performance.now() - startedMs).to.be.lessThan(8_000)
      await server.restart()
      expect(await app.rows()).to.have.length(1)
      const other = await start()
      await other.drained()
      expect(other.deliveredForOthers).to.equal(1)
    })

    it('ending is bounded also in the middle of a delivery, whose row stays for others', async () => {
      const store = new GatedStore(new RedisStore(clients.connect(server.url)))
      const hold = store.hold('sweep')
      const app = await bystander()
      const timeout = { read: '1m', write: '1m', delivery: '300ms' } as const
      const hung = await start({ store, timeout, outbox: { pollEvery: '20ms' } })
      await app.dataSource.query("INSERT INTO sweep_outbox (entity) VALUES ('Page')")
      await hold.reached

      const startedMs = performance.now()
      await hung.sweeper.close()

      expect(performance.now() - startedMs).to.be.lessThan(5_000)
      expect(await app.rows()).to.have.length(1)
      const { statements } = recordQueries(hung.dataSource)
      hold.release()
      await app.drained()
      const going = await start({ outbox: { pollEvery: '10ms' } })
      const looks = recordQueries(going.dataSource)
      await until('ten looks of another', 5_000, () => looks.matching(/MIN\(id\)/).length > 10)
      expect(statements.filter((sql) => sql.includes('MIN(id)'))).to.deep.equal([])
    })

    it('what only one look has seen is left to its writer', async () => {
      const app = await bystander()
      const looking = await start({ outbox: { pollEvery: '300ms' } })
      const sent = recordQueries(looking.dataSource)
      await until('a look', 5_000, () => sent.count > 0)
      sent.reset()

      await app.dataSource.query("INSERT INTO sweep_outbox (entity) VALUES ('Page')")
      await app.drained()

      const claim = sent.statements.findIndex((sql) => sql.includes('SKIP LOCKED'))
      const before = sent.statements.slice(0, claim).filter((sql) => sql.includes('MIN(id)'))
      expect(before).to.have.length.of.at.least(2)
    })

    it('two processes that deliver at the same time share the rows: none is delivered twice', async () => {
      const store = new GatedStore(new RedisStore(clients.connect(server.url)))
      const hold = store.hold('sweep')
      const app = await bystander()
      const slow = await start({ store, outbox: { pollEvery: '20ms', batch: 10 } })
      const rows = Array.from({ length: 35 }, (_, at) => `('${namespace}', 'Page', '${at}')`)
      await app.dataSource.query(
        `INSERT INTO sweep_outbox (namespace, entity, record_id) VALUES ${rows.join(', ')}`,
      )
      await hold.reached

      const quick = await start({ outbox: { pollEvery: '20ms', batch: 10 } })
      await until('ten rows left', 5_000, async () => (await app.rows()).length === 10)
      hold.release()
      await app.drained()

      await until('both told', 5_000, () => slow.deliveredForOthers > 0)
      expect([slow.deliveredForOthers, quick.deliveredForOthers]).to.deep.equal([10, 25])
    })
  })
