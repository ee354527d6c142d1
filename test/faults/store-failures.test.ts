import { expect } from 'chai'
import type { Redis } from 'ioredis'
import { record } from '../../src/index'
import { RedisStore } from '../../src/redis'
import { Overheard } from '../support/overheard'
import { RedisClients } from '../support/redis-clients'
import { describeWith, sqljs } from '../support/services'
import { until } from '../support/services-process'
import type { RedisServer } from '../support/services-redis-server'
import { Article } from '../support/zoo'
import { zooSweeper, type ZooSweeper } from '../support/zoo-sweeper'

const PASSWORD = 'hunter2-the-password'
const PAYLOAD = 'the-payload-nobody-may-see'
const BOUNDS = { read: '100ms', write: '200ms', delivery: '300ms' } as const

interface Failure {
  /** What the `store-error` event says; undefined where nothing fails. */
  readonly reason: RegExp | undefined
  fail(server: RedisServer, admin: Redis): Promise<unknown>
}

const FAILURES: Readonly<Record<string, Failure>> = {
  'refuses connections': {
    reason: /^(timeout|not-connected|connection-changed|closed|ECONNREFUSED|circuit-open)$/,
    fail: (server) => server.stop(),
  },
  'is killed': {
    reason: /^(timeout|not-connected|connection-changed|closed|ECONNREFUSED|circuit-open)$/,
    fail: (server) => server.kill(),
  },
  hangs: { reason: /^(timeout|circuit-open)$/, fail: (server) => server.pause() },
  'has become a replica': {
    reason: /^(READONLY|circuit-open)$/,
    fail: (_, admin) => admin.replicaof('127.0.0.1', 1),
  },
  'is loading its data': {
    reason: /^(LOADING|circuit-open)$/,
    fail: async (_, admin) => {
      // Four seconds of it, answering in between.
      await admin.call('DEBUG', 'POPULATE', 20_000)
      await admin.config('SET', 'key-load-delay', 200)
      await admin.config('SET', 'loading-process-events-interval-bytes', 1_024)
      // On a connection of its own: it answers only when it is done.
      const loader = admin.duplicate()
      loader.on('error', () => undefined)
      const loading = loader.call('DEBUG', 'RELOAD').finally(() => loader.disconnect())
      loading.catch(() => undefined)
      const answer = (): Promise<string> =>
        admin.ping().then(String, (error: Error) => error.message)
      await until('the loading', 5_000, async () => (await answer()).startsWith('LOADING'))
    },
  },
  'is out of memory': {
    reason: /^(OOM|circuit-open)$/,
    fail: (_, admin) => admin.config('SET', 'maxmemory', 1),
  },
  'has forgotten the scripts': {
    reason: undefined,
    fail: (_, admin) => admin.script('FLUSH'),
  },
  'takes the password no more': {
    reason: /^(WRONGPASS|NOAUTH|connection-changed|timeout|circuit-open)$/,
    fail: async (_, admin) => {
      await admin.call('ACL', 'SETUSER', 'app', 'resetpass', '>another')
      await admin.call('CLIENT', 'KILL', 'USER', 'app')
    },
  },
}

describeWith(['redisServer'], 'a Redis that', ({ redisServer }) => {
  const clients = new RedisClients()
  let server: RedisServer
  let admin: Redis
  let overheard: Overheard

  beforeEach(async () => {
    server = await redisServer.start(['--enable-debug-command', 'local'])
    admin = clients.connect(server.url)
    await admin.call('ACL', 'SETUSER', 'app', 'on', `>${PASSWORD}`, '~*', '+@all')
    overheard = new Overheard()
  })
  afterEach(() => {
    overheard.stop()
    clients.close()
  })

  async function start(onStoreError: 'degrade' | 'throw'): Promise<ZooSweeper> {
    const client = clients.connect(server.url, { username: 'app', password: PASSWORD })
    const zoo = await zooSweeper(sqljs(), {
      store: new RedisStore(client),
      namespace: onStoreError,
      timeout: BOUNDS,
      logger: overheard.logger,
      onStoreError,
    })
    overheard.listenTo(zoo.sweeper)
    return zoo
  }

  const read = ({ sweeper }: ZooSweeper, id: number): Promise<string> =>
    sweeper.getOrSet({ on: record(Article, id), key: 'k', factory: () => Promise.resolve(PAYLOAD) })

  /** A write and a read under each policy; the error of the strict write. */
  async function use(zoo: ZooSweeper, strict: ZooSweeper): Promise<unknown> {
    const { id } = await zoo.dataSource.getRepository(Article).save({ title: PAYLOAD })
    await zoo.dataSource.getRepository(Article).update({ id }, { title: `${PAYLOAD}!` })
    await read(zoo, id)
    const saving = strict.dataSource.getRepository(Article).save({ title: PAYLOAD })
    return saving.then(
      () => undefined,
      (error: unknown) => error,
    )
  }

  for (const [what, { reason, fail }] of Object.entries(FAILURES)) {
    it(`${what} costs a bounded wait and an event, and gives nothing away`, async () => {
      const zoo = await start('degrade')
      const strict = await start('throw')
      const reasons: string[] = []
      for (const { sweeper } of [zoo, strict])
        sweeper.on('store-error', (event) => reasons.push(event.reason))
      await use(zoo, strict)

      await fail(server, admin)
      const startedMs = performance.now()
      const error = await use(zoo, strict)
      const tookMs = performance.now() - startedMs
      overheard.hear(error)
      for (const { dataSource } of [zoo, strict]) await dataSource.destroy()

      // Some ten calls, each of which waits for its bound at most; without one the client waits for minutes.
      expect(tookMs).to.be.lessThan(6_000)
      if (reason === undefined)
        expect({ error, reasons }).to.deep.equal({ error: undefined, reasons: [] })
      else {
        expect(error).to.have.property('code', 'SWEEPER_STORE_UNAVAILABLE')
        expect(reasons).not.to.deep.equal([])
        for (const one of reasons) expect(one).to.match(reason)
      }
      for (const secret of [PASSWORD, PAYLOAD, 'ReplyError', 'evalsha', server.url])
        expect(overheard.text).not.to.include(secret)
    })
  }

  it('goes and comes back is told by the circuit', async () => {
    const zoo = await start('degrade')
    const states: string[] = []
    zoo.sweeper.on('circuit', ({ state }) => states.push(state))
    const { id } = await zoo.dataSource.getRepository(Article).save({ title: 'x' })
    await read(zoo, id)

    await server.pause()
    for (let call = 0; call < 5; call++) await zoo.sweeper.version(record(Article, id))
    const whileHanging = [...states]
    await server.resume()
    await until('the circuit closing', 5_000, async () => {
      await zoo.sweeper.version(record(Article, id))
      return states.at(-1) === 'closed'
    })

    expect(whileHanging).to.deep.equal(['open'])
    expect(states).to.deep.equal(['open', 'half-open', 'closed'])
    await zoo.dataSource.destroy()
  })
})
