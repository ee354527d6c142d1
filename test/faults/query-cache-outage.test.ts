import { expect } from 'chai'
import { DataSource, type DataSourceOptions } from 'typeorm'
import { Sweeper, sweptQueryCache, SweepSubscriber } from '../../src/index'
import { RedisStore } from '../../src/redis'
import { QUIET } from '../support/random-writes/random-writes'
import { recordQueries, type QueryRecorder } from '../support/recorders/record-queries'
import { RedisClients } from '../support/redis-clients'
import { describeWith } from '../support/services'
import type { RedisServer } from '../support/services-redis-server'
import { until } from '../support/until'
import { Article, ZOO } from '../support/zoo'

const LONG = 60_000
const BOUNDS = { read: '100ms', write: '200ms', delivery: '1s' } as const
/** Of a read or a write that meets the outage: its bounds, the database, and a busy machine. */
const AT_MOST_MS = 2_000

describeWith(['postgres', 'redisServer'], 'the query cache on a Redis that fails', (services) => {
  const clients = new RedisClients()
  let server: RedisServer
  let dataSource: DataSource
  let sql: QueryRecorder

  beforeEach(async () => {
    server = await services.redisServer.start()
    const client = clients.connect(server.url, { maxRetriesPerRequest: null })
    dataSource = new DataSource({
      ...services.postgres.options,
      entities: ZOO,
      subscribers: [SweepSubscriber],
      synchronize: true,
      cache: { provider: sweptQueryCache },
      logger: QUIET,
    } as DataSourceOptions)
    const store = new RedisStore(client)
    const sweeper = new Sweeper(dataSource, { store, namespace: 'outage', timeout: BOUNDS })
    await dataSource.initialize()
    expect(Sweeper.of(dataSource)).to.equal(sweeper)
    sql = recordQueries(dataSource)
  })
  afterEach(async () => {
    await dataSource.destroy()
    clients.close()
    await server.stop()
  })

  const save = (id?: number, title = 'old'): Promise<Article> =>
    dataSource.getRepository(Article).save({ ...(id !== undefined && { id }), title })

  const titleOf = async (id: number): Promise<string | undefined> =>
    (await dataSource.getRepository(Article).findOne({ where: { id }, cache: LONG }))?.title

  async function untilCached(id: number): Promise<void> {
    await until(async () => {
      sql.reset()
      await titleOf(id)
      return sql.count === 0
    })
  }

  async function inTime<T>(work: () => Promise<T>): Promise<T> {
    const startedMs = performance.now()
    const answer = await work()
    expect(performance.now() - startedMs).to.be.lessThan(AT_MOST_MS)
    return answer
  }

  for (const [what, fail, recover] of [
    ['is killed', () => server.kill(), () => server.restart()],
    ['hangs', () => server.pause(), () => server.resume()],
  ] as const) {
    it(`that ${what}: queries go to the database in time, and nothing old comes back with it`, async () => {
      const { id } = await save()
      await untilCached(id)

      await fail()
      expect(await inTime(() => titleOf(id))).to.equal('old')
      await inTime(() => save(id, 'new'))
      expect(await inTime(() => titleOf(id))).to.equal('new')
      await recover()

      expect(await titleOf(id)).to.equal('new')
      await untilCached(id)
      expect(await titleOf(id)).to.equal('new')
    })
  }

  it('that hangs: a clear() of meanwhile counts when it is back', async () => {
    const { id } = await save()
    await untilCached(id)

    await server.pause()
    await inTime(async () => dataSource.queryResultCache?.clear())
    await server.resume()

    sql.reset()
    await titleOf(id)
    expect(sql.count).to.be.greaterThan(0)
  })
})
