import { expect } from 'chai'
import type { Redis } from 'ioredis'
import type { RedisSubscriber } from '../../src/store/redis-client'
import { RedisConnection } from '../../src/store/redis-connection'
import { RedisPush } from '../../src/store/redis-push'
import { RedisStore } from '../../src/redis'
import { RedisClients } from '../support/redis-clients'
import { describeWith } from '../support/services'
import { until } from '../support/services-process'
import type { RedisServer } from '../support/services-redis-server'

/** Writes down what it is told. */
class Heard {
  readonly keys: string[] = []
  isListening = false

  moved(keys: readonly string[]): void {
    this.keys.push(...keys)
  }

  listening(): void {
    this.isListening = true
  }

  deaf(): void {
    this.isListening = false
  }
}

describeWith(['redisServer'], 'RedisPush', ({ redisServer }) => {
  let server: RedisServer
  let clients: RedisClients
  before(async () => {
    server = await redisServer.start()
  })
  beforeEach(() => {
    clients = new RedisClients()
  })
  afterEach(() => clients.close())

  const listening = (heard: Heard): Promise<void> =>
    until('the push listening', 5_000, async () => heard.isListening)

  for (const version of [5, 6] as const)
    it(`tells of every mark and sweep of its namespace alone, by ioredis ${version}`, async () => {
      const versioned = new RedisClients(version)
      try {
        const store = new RedisStore(versioned.connect(server.url))
        const heard = new Heard()
        const push = store.listen('blog', heard)
        await listening(heard)
        const other = new RedisStore(versioned.connect(server.url))
        await other.mark(['blog:t:{a:1}'], 'w', 10_000)
        await other.sweep([{ key: 'shop:t:{a:1}', row: true }])
        await other.sweep(
          [
            { key: 'blog:t:{a:2}', row: true },
            { key: 'blog:c:{a}', row: false },
          ],
          'w',
        )
        await push.fence()
        expect(heard.keys).to.deep.equal(['blog:t:{a:1}', 'blog:t:{a:2}', 'blog:c:{a}'])
        push.close()
        expect(heard.isListening).to.equal(false)
      } finally {
        versioned.close()
      }
    })

  it('knows the keys without the prefix that the client puts before them', async () => {
    const connect = (): Redis => clients.connect(server.url, { keyPrefix: 'app:' })
    const store = new RedisStore(connect())
    const heard = new Heard()
    const push = store.listen('blog', heard)
    await listening(heard)
    await new RedisStore(connect()).sweep([{ key: 'blog:t:{a:1}', row: true }])
    await push.fence()
    expect(heard.keys).to.deep.equal(['blog:t:{a:1}'])
    push.close()
  })

  it('is deaf while the store talks to another life of a server than it does', async () => {
    const other = await redisServer.start()
    const connection = new RedisConnection('redis', clients.connect(other.url))
    await until('the connection', 5_000, async () => connection.epoch !== undefined)
    const heard = new Heard()
    const subscriber = clients.connect(server.url) as unknown as RedisSubscriber
    const push = new RedisPush(subscriber, 'blog', heard, {
      store: 'redis',
      keyPrefix: '',
      connection,
    })
    const control = clients.connect(server.url)
    await until('the subscription', 5_000, async () => {
      const [, count] = (await control.pubsub('NUMSUB', 'blog:swept')) as [string, number]
      return count === 1
    })
    expect(heard.isListening).to.equal(false)
    const failure: unknown = await push.fence().catch((error: unknown) => error)
    expect(failure).to.have.property('code', 'SWEEPER_STORE_UNAVAILABLE')
    push.close()
    connection.close()
  })

  it('is not needed for sweeping: whoever may not publish is warned once and sweeps', async () => {
    const control = clients.connect(server.url)
    await control.call('acl', ['setuser', 'mute', 'on', '>secret', '~*', '+@all', 'resetchannels'])
    const warned = new Promise<NodeJS.ErrnoException>((resolve) => process.once('warning', resolve))
    const store = new RedisStore(
      clients.connect(server.url, { username: 'mute', password: 'secret' }),
    )
    const [before] = await store.mint(['blog:t:{a:1}'], 60_000)
    const found = await store.sweep([{ key: 'blog:t:{a:1}', row: true }])
    expect(found.map((state) => state?.whole)).to.deep.equal([before?.whole])
    expect((await warned).code).to.equal('SWEEPER_REDIS_PUBLISH_REFUSED')
  })
})
