import { expect } from 'chai'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Cluster, type Redis } from 'ioredis'
import { Redis as Redis5 } from 'ioredis-5'
import { GuardedStore } from '../../src/store/guarded-store'
import type { RedisClient } from '../../src/store/redis-client'
import { RedisStore } from '../../src/store/redis-store'
import { ROOT } from '../support/packed-project'
import { RedisClients } from '../support/redis-clients'
import { recordRedisCommands } from '../support/recorders/record-redis-commands'
import { describeWith } from '../support/services'
import { until } from '../support/services-process'
import type { RedisServer } from '../support/services-redis-server'
import { itBehavesLikeAStore } from '../../src/store-contract'

const DAY_MS = 86_400_000

describeWith(['redis'], 'RedisStore', ({ redis }) => {
  const namespace = (): string => redis.namespace
  let client: Redis
  let fifth: Redis5

  before(() => {
    client = redis.connect()
    fifth = new Redis5(redis.url)
  })

  after(() => fifth.disconnect())

  itBehavesLikeAStore('on ioredis 6', () => new RedisStore(client), { namespace })
  itBehavesLikeAStore('on ioredis 5', () => new RedisStore(fifth), { namespace })
  itBehavesLikeAStore(
    'on a client that makes pipelines by itself and has a prefix',
    () => new RedisStore(redis.connect({ enableAutoPipelining: true, keyPrefix: 'prefix:' })),
    { namespace },
  )
  itBehavesLikeAStore(
    'behind a guard',
    () => new GuardedStore(new RedisStore(client), { readMs: 5_000, writeMs: 5_000 }),
    { namespace },
  )

  describe('in round trips', () => {
    const key = (name: string): string => `{${redis.namespace}}:${name}`
    const entry = (name: string, lifeMs: number) => ({
      key: key(name),
      value: Buffer.from('value'),
      lifeMs,
      tokenKeys: [key('t1'), key('t2')],
    })
    let store: RedisStore
    let sent: readonly string[]
    let reset: () => void

    beforeEach(async () => {
      const ready = redis.connect()
      store = new RedisStore(ready)
      await store.mint([key('t1')], DAY_MS)
      const recorder = recordRedisCommands(ready)
      sent = recorder.commands
      reset = () => recorder.reset()
    })

    it('reads with one MGET', async () => {
      await store.read([key('t1'), key('t2')], [key('e1'), key('e2'), key('e3')])

      expect(sent).to.deep.equal(['mget'])
    })

    it('writes one entry with one SET', async () => {
      await store.write([entry('e1', 60_000)])

      expect(sent).to.deep.equal(['set'])
    })

    it('writes several entries with a pipeline of SET', async () => {
      await store.write([entry('e1', 60_000), entry('e2', 60_000)])

      expect(sent).to.deep.equal(['set', 'set'])
    })

    it('keeps the tokens of entries that live for hours, with a script beside it', async () => {
      await store.write([entry('e1', DAY_MS / 4)])
      const upToSixHours = [...sent]
      reset()
      await store.write([entry('e1', DAY_MS / 4 + 1)])

      expect(upToSixHours).to.deep.equal(['set'])
      expect(sent.slice(0, 2)).to.deep.equal(['set', 'evalsha'])
    })

    it('removes with one UNLINK', async () => {
      await store.remove([key('e1'), key('e2')])

      expect(sent).to.deep.equal(['unlink'])
    })

    it('runs one script for any number of tokens', async () => {
      const keys = Array.from({ length: 300 }, (_, index) => key(`many ${index}`))
      await store.mint(keys, DAY_MS)
      await store.mark(keys, 'w', 5_000)
      await store.unmark(keys, 'w')
      await store.sweep(keys.map((each) => ({ key: each, row: false })))

      expect(sent.filter((command) => command !== 'eval')).to.deep.equal(
        Array.from({ length: 4 }, () => 'evalsha'),
      )
    })

    it('sends nothing for nothing', async () => {
      await store.read([], [])
      await store.mint([], DAY_MS)
      await store.write([])
      await store.remove([])
      await store.mark([], 'w', 5_000)
      await store.unmark([], 'w')
      await store.sweep([])

      expect(sent).to.deep.equal([])
    })
  })

  it('tells its clock after the first connection', async () => {
    const store = new RedisStore(redis.connect())
    const before = store.clock()
    await until('the clock', 5_000, () => store.clock() !== undefined)

    expect(before).to.equal(undefined)
    expect(store.clock()?.errorMs).to.be.within(1, 1_000)
    // The server is on this machine.
    expect(Math.abs(store.clock()?.offsetMs ?? Infinity)).to.be.at.most(store.clock()?.errorMs ?? 0)
  })

  it('rejects with the word of the server, and nothing of what was sent', async () => {
    const key = `{${redis.namespace}}:a list`
    await client.lpush(key, 'secret')
    const error = await new RedisStore(client)
      .sweep([{ key, row: false }])
      .catch((caught: unknown) => caught)

    expect(error).to.include({ code: 'SWEEPER_STORE_UNAVAILABLE', reason: 'WRONGTYPE' })
    expect(error).not.to.have.property('cause')
    expect(error).not.to.have.property('command')
  })
})

describeWith(['redisServer'], 'a RedisStore', ({ redisServer }) => {
  const clients = new RedisClients()

  afterEach(() => clients.close())

  it('sends its scripts again to a server that has forgotten them', async () => {
    const server = await redisServer.start()
    const client = clients.connect(server.url)
    const store = new RedisStore(client)
    await store.mint(['token'], DAY_MS)
    await client.script('FLUSH')
    const recorder = recordRedisCommands(client)
    const [before] = await store.mint(['token'], DAY_MS)
    const [found] = await store.sweep([{ key: 'token', row: false }])
    await store.sweep([{ key: 'token', row: false }])

    expect(found).to.deep.equal(before)
    expect(recorder.commands).to.deep.equal(['evalsha', 'eval', 'evalsha', 'eval', 'evalsha'])
  })
})

describeWith(['redisServer'], 'the smallest access list', ({ redisServer }) => {
  const clients = new RedisClients()
  const credentials = { username: 'app', password: 'secret' }
  let server: RedisServer

  before(async () => {
    server = await redisServer.start()
    const docs = await readFile(join(ROOT, 'docs/stores.md'), 'utf8')
    const rules = /ACL (SETUSER[^`]+)/.exec(docs)?.[1]?.replace('~blog:*', '~{blog*') ?? ''
    await clients.connect(server.url).call('acl', rules.trim().split(/\s+/))
  })

  after(() => clients.close())

  itBehavesLikeAStore('as docs/stores.md has it', () => connect(), { namespace: () => 'blog' })

  it('is enough to hear of the writes of others', async () => {
    const heard: string[] = []
    const push = connect().listen('blog', {
      moved: (keys) => heard.push(...keys),
      listening: () => heard.push('listening'),
      deaf: () => undefined,
    })
    await until('hearing', 5_000, () => heard.includes('listening'))
    await clients.connect(server.url).publish('blog:swept', 'blog:t:{article:1}')
    await push.fence()
    push.close()

    expect(heard).to.deep.equal(['listening', 'blog:t:{article:1}'])
  })

  it('lets nobody at other keys', async () => {
    const refused = await connect()
      .read(['other'], [])
      .catch((error: unknown) => error)

    expect(refused).to.include({ reason: 'NOPERM' })
  })

  function connect(): RedisStore {
    return new RedisStore(clients.connect(server.url, credentials))
  }
})

describe('RedisStore given what it cannot use', () => {
  it('refuses a Cluster', () => {
    const cluster = new Cluster([{ host: '127.0.0.1', port: 1 }], { lazyConnect: true })

    expect(() => new RedisStore(cluster)).to.throw(
      /^RedisStore: a Cluster is many servers; give it to new ClusterStore/,
    )
  })

  it('refuses another client', () => {
    const nodeRedis: unknown = { isCluster: false, get: () => undefined }

    // What JavaScript lets pass.
    expect(() => new RedisStore(nodeRedis as RedisClient)).to.throw(
      /^RedisStore: the client is none that it knows; give a Redis of ioredis 5 or 6, or what createClient\(\)/,
    )
  })
})
