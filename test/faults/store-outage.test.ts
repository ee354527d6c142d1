import { expect } from 'chai'
import { Redis } from 'ioredis'
import { record } from '../../src/index'
import { RedisStore } from '../../src/redis'
import { describeWith } from '../support/services'
import type { RedisServer } from '../support/services-redis-server'
import { Article, Comment } from '../support/zoo'
import { zooSweeper, type ZooSweeper } from '../support/zoo-sweeper'

const BOUNDS = { read: '100ms', write: '200ms', delivery: '1s' } as const

describeWith(['postgres', 'redisServer'], 'a Redis that fails', ({ postgres, redisServer }) => {
  let server: RedisServer
  let client: Redis
  let zoo: ZooSweeper

  beforeEach(async () => {
    server = await redisServer.start()
    client = new Redis(server.url, { maxRetriesPerRequest: null, retryStrategy: () => 20 })
    // Tests tear the connection down on purpose.
    client.on('error', () => undefined)
    zoo = await zooSweeper(postgres.options, {
      store: new RedisStore(client),
      namespace: 'outage',
      timeout: BOUNDS,
    })
  })
  afterEach(async () => {
    await zoo.dataSource.destroy()
    client.disconnect()
    await server.stop()
  })

  const save = (): Promise<Article> => zoo.dataSource.getRepository(Article).save({ title: 'a' })

  async function titleOf(id: number): Promise<string> {
    return zoo.sweeper.getOrSet({
      on: record(Article, id),
      key: 'title',
      factory: async () =>
        (await zoo.dataSource.getRepository(Article).findOneByOrFail({ id })).title,
    })
  }

  async function until(condition: () => Promise<boolean>): Promise<void> {
    for (let tries = 0; tries < 400; tries++) {
      if (await condition()) return
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
    throw new Error('it did not become true within four seconds')
  }

  const isCached = (id: number) => async (): Promise<boolean> => {
    await titleOf(id)
    return (await zoo.sweeper.get({ on: record(Article, id), key: 'title' })) !== undefined
  }

  it('and comes back empty fails no write and no read, and serves nothing old', async () => {
    const { id } = await save()
    await until(isCached(id))

    await server.restart()
    await zoo.dataSource.getRepository(Article).save({ id, title: 'b' })

    expect(await titleOf(id)).to.equal('b')
    await until(isCached(id))
    expect(await titleOf(id)).to.equal('b')
  })

  for (const [what, fail] of [
    ['is killed', (): Promise<void> => server.kill()],
    ['hangs', async (): Promise<void> => server.pause()],
  ] as const) {
    it(`and ${what} keeps no write or read waiting beyond its bound`, async () => {
      const { id } = await save()
      await until(isCached(id))
      await fail()

      const startedMs = performance.now()
      await zoo.dataSource.getRepository(Article).save({ id, title: 'b' })
      expect(await titleOf(id)).to.equal('b')

      // Marks and the sweep wait for `write`, the read not at all: this process distrusts the store by now.
      expect(performance.now() - startedMs).to.be.lessThan(2_000)
    })
  }

  it('and hangs for a while is trusted again only when the sweep has been delivered', async () => {
    const { id } = await save()
    await until(isCached(id))

    await server.pause()
    await zoo.dataSource.getRepository(Article).save({ id, title: 'b' })
    await server.resume()

    expect(await titleOf(id)).to.equal('b')
    await until(isCached(id))
    expect(await titleOf(id)).to.equal('b')
  })

  it('fails a write before COMMIT under onStoreError: throw, and the row stays as it was', async () => {
    const { id } = await zoo.dataSource.getRepository(Comment).save({ text: 'old' })
    await zoo.sweeper.close()
    const strict = await zooSweeper(postgres.options, {
      store: new RedisStore(client),
      namespace: 'strict',
      timeout: BOUNDS,
      onStoreError: 'throw',
    })
    const comments = strict.dataSource.getRepository(Comment)
    await server.pause()

    const outcome = await comments.save({ id, text: 'new' }).catch((error: unknown) => error)
    await server.resume()

    expect(outcome).to.have.property('code', 'SWEEPER_STORE_UNAVAILABLE')
    expect((await comments.findOneByOrFail({ id })).text).to.equal('old')
    await strict.dataSource.destroy()
  })
})
