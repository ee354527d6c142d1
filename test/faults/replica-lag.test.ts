import { expect } from 'chai'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { DataSource, type DataSourceOptions } from 'typeorm'
import { record, Sweeper, sweptQueryCache, SweepSubscriber, type Duration } from '../../src/index'
import { fresh } from '../../src/http'
import { QUIET } from '../support/random-writes/random-writes'
import { describeWith } from '../support/services'
import { until } from '../support/until'
import { Article, ZOO } from '../support/zoo'
import { PATIENT } from '../support/zoo-sweeper'

const LONG = 60_000

describeWith(['postgres'], 'H23 replica of the database', ({ postgres }) => {
  let primary: DataSource
  let replica: DataSource
  let watched: DataSource
  let sweeper: Sweeper

  before(async () => {
    primary = await database()
    replica = await database()
  })
  beforeEach(async () => {
    for (const one of [primary, replica])
      await one.getRepository(Article).save({ id: 1, title: 'old' })
  })
  afterEach(() => watched.destroy())
  after(async () => {
    await primary.destroy()
    await replica.destroy()
  })

  async function database(): Promise<DataSource> {
    const url = await postgres.createDatabase()
    const options = { type: 'postgres', url, entities: ZOO, synchronize: true } as const
    return new DataSource(options as DataSourceOptions).initialize()
  }

  async function open(replicaLag: Duration): Promise<void> {
    watched = new DataSource({
      type: 'postgres',
      replication: { master: { url: urlOf(primary) }, slaves: [{ url: urlOf(replica) }] },
      entities: ZOO,
      subscribers: [SweepSubscriber],
      cache: { provider: sweptQueryCache },
      logger: QUIET,
    } as DataSourceOptions)
    sweeper = new Sweeper(watched, { timeout: PATIENT, replicaLag })
    await watched.initialize()
  }

  const catchUp = (): Promise<unknown> => replica.getRepository(Article).update(1, { title: 'new' })
  const write = (): Promise<unknown> => watched.getRepository(Article).update(1, { title: 'new' })

  const reads: Readonly<Record<string, () => Promise<string | undefined>>> = {
    'a cached query': async () => {
      const found = await watched.getRepository(Article).findOne({ where: { id: 1 }, cache: LONG })
      return found?.title
    },
    'a fragment': () =>
      sweeper.getOrSet({
        on: record(Article, 1),
        key: 'title',
        factory: async () =>
          (await watched.getRepository(Article).findOneByOrFail({ id: 1 })).title,
      }),
    'a fragment of an instance in the hand': async () => {
      const on = await watched.getRepository(Article).findOneByOrFail({ id: 1 })
      return sweeper.getOrSet({ on, key: 'title of it', factory: () => on.title })
    },
  }

  for (const [name, read] of Object.entries(reads)) {
    it(`${name} that a replica has answered within replicaLag of a write is not kept`, async () => {
      await open('1m')
      const reasons: string[] = []
      sweeper.on('unproven', ({ reason }) => reasons.push(reason))
      await write()
      expect(await read()).to.equal('old')
      const readAtMs = Date.now()

      await catchUp()
      // Past the margin within which nothing is believed to be newer than the tokens that this read has made.
      await until(async () => Date.now() > readAtMs + 20)

      expect(await read()).to.equal('new')
      expect(reasons).to.include('written within replicaLag')
    })

    it(`${name} is kept when that has passed`, async () => {
      await open(100)
      await write()
      await catchUp()
      const fills: string[] = []
      sweeper.on('fill', ({ key }) => fills.push(key))

      await until(async () => (await read()) === 'new' && fills.length > 0)

      expect(await read()).to.equal('new')
    })
  }

  describe('a version', () => {
    const version = (): Promise<string> => sweeper.version(record(Article, 1))
    let server: Server
    let url: string

    beforeEach(async () => {
      server = createServer((request, response) => {
        void (async () => {
          if (await fresh(sweeper, request, response, { on: record(Article, 1) })) return
          response.end((await watched.getRepository(Article).findOneByOrFail({ id: 1 })).title)
        })()
      })
      await new Promise<void>((resolve) => {
        server.listen(0, resolve)
      })
      url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    })
    afterEach(() => {
      server.closeAllConnections()
      server.close()
    })

    it('within replicaLag of a write equals no other, and responses have no validator', async () => {
      await open('1m')
      await write()
      const response = await fetch(url)

      expect(await response.text()).to.equal('old')
      expect(response.headers.get('etag')).to.equal(null)
      expect(await sweeper.validator(record(Article, 1))).to.equal(undefined)
      expect(await version()).not.to.equal(await version())
    })

    it('is there when that has passed', async () => {
      await open(100)
      await write()
      await catchUp()
      await until(async () => (await version()) === (await version()))
      const etag = (await fetch(url)).headers.get('etag') ?? ''

      expect((await fetch(url, { headers: { 'If-None-Match': etag } })).status).to.equal(304)
    })
  })

  it('what is read from the primary is kept at once: objects, and queries on its query runners', async () => {
    await open('1m')
    await write()
    const hits: string[] = []
    sweeper.on('hit', ({ key }) => hits.push(key))
    const runner = watched.createQueryRunner('master')
    const query = (): Promise<Article | null> =>
      watched.getRepository(Article).createQueryBuilder('a', runner).cache(LONG).getOne()

    await until(async () => {
      expect((await sweeper.find(Article, 1))?.title).to.equal('new')
      expect((await query())?.title).to.equal('new')
      return hits.includes('find') && hits.includes('query')
    })
    await runner.release()
  })

  it('a window without an end is refused', async () => {
    await open(0)
    expect(() => new Sweeper(watched, { replicaLag: Infinity, namespace: 'other' })).to.throw(
      /^new Sweeper\(\): replicaLag .* is not usable; give a duration that ends$/,
    )
  })
})

function urlOf({ options }: DataSource): string {
  return 'url' in options && typeof options.url === 'string' ? options.url : expect.fail('no url')
}
