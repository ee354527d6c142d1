import { expect } from 'chai'
import type { Redis } from 'ioredis'
import { inspect } from 'node:util'
import type { StoreUnavailableError } from '../../src/core/errors'
import type { RedisClient } from '../../src/store/redis-client'
import { RedisStore } from '../../src/store/redis-store'
import { RedisClients } from '../support/redis-clients'
import { describeWith } from '../support/services'
import { until } from '../support/services-process'
import type { RedisServer } from '../support/services-redis-server'

const DAY_MS = 86_400_000

async function failureOf(work: Promise<unknown>): Promise<StoreUnavailableError> {
  try {
    await work
  } catch (error) {
    // Proved by the assertions that follow, which look at its code.
    return error as StoreUnavailableError
  }
  throw new Error('nothing failed')
}

/** What the store answers once it has found its server again. */
async function answered<T>(call: () => Promise<T>): Promise<T> {
  const answers: T[] = []
  await until('an answer', 5_000, async () => {
    await call().then(
      (answer) => answers.push(answer),
      () => undefined,
    )
    return answers.length > 0
  })
  const [answer] = answers
  if (answer === undefined) throw new Error('no answer')
  return answer
}

async function wholeOf(store: RedisStore, key: string): Promise<string | undefined> {
  return (await store.read([key], [])).tokens[0]?.whole
}

/** Cuts the connection, as a network does, and waits until the client has another one. */
async function reconnected(client: Redis): Promise<void> {
  const ready = new Promise((resolve) => client.once('ready', resolve))
  client.stream.destroy()
  await ready
}

/** Waits until a replica has what its primary has. */
async function replicated(replica: Redis): Promise<void> {
  await until('the replica', 10_000, async () =>
    /^master_link_status:up/m.test(await replica.info('replication')),
  )
}

/** A client that keeps back the last reply of the first greeting. */
class SlowToGreet implements RedisClient {
  readonly isCluster = false
  readonly hasAnswer: Promise<void>
  readonly #client: Redis
  readonly #passed: Promise<void>
  #answer: () => void = () => undefined
  pass: () => void = () => undefined
  #greetings = 0

  constructor(client: Redis) {
    this.#client = client
    this.hasAnswer = new Promise((resolve) => (this.#answer = resolve))
    this.#passed = new Promise((resolve) => (this.pass = resolve))
  }

  async call(command: string, args: (string | Buffer | number)[]): Promise<unknown> {
    const reply = await this.#client.call(command, args)
    if (args[0] !== 'replication' || this.#greetings++ > 0) return reply
    this.#answer()
    await this.#passed
    return reply
  }

  mgetBuffer(keys: string[]): Promise<(Buffer | null)[]> {
    return this.#client.mgetBuffer(keys)
  }

  pipeline(commands: unknown[][]): ReturnType<Redis['pipeline']> {
    return this.#client.pipeline(commands)
  }

  on(event: string, listener: () => void): unknown {
    return this.#client.on(event, listener)
  }

  removeListener(event: string, listener: () => void): unknown {
    return this.#client.removeListener(event, listener)
  }
}

for (const version of [5, 6] as const)
  describeWith(
    ['redisServer'],
    `the connection of a RedisStore, on ioredis ${version}`,
    ({ redisServer }) => {
      const clients = new RedisClients(version)
      let warnings: Error[]
      const noteWarning = (warning: Error): void => void warnings.push(warning)

      beforeEach(() => {
        warnings = []
        process.on('warning', noteWarning)
      })

      afterEach(() => {
        process.removeListener('warning', noteWarning)
        clients.close()
      })

      const connectedTo = (server: RedisServer): { client: Redis; store: RedisStore } => {
        const client = clients.connect(server.url)
        return { client, store: new RedisStore(client) }
      }

      describe('to a server that comes back', () => {
        it('has other tokens, though the server brought back the old ones (H20)', async () => {
          const server = await redisServer.start()
          const { client, store } = connectedTo(server)
          const [before] = await store.mint(['token'], DAY_MS)
          await client.save()
          await store.sweep([{ key: 'token', row: false }])
          await server.restart()
          const { tokens } = await answered(() => store.read(['token'], []))
          const [after] = tokens

          expect(after?.bornMs).to.equal(before?.bornMs)
          expect(after?.whole).not.to.equal(before?.whole)
          expect(after?.row).not.to.equal(before?.row)
          expect(after?.seen).not.to.equal(before?.seen)
        })

        it('has the same tokens when only the connection was lost', async () => {
          const server = await redisServer.start()
          const { client, store } = connectedTo(server)
          const [before] = await store.mint(['token'], DAY_MS)
          await reconnected(client)

          expect((await store.read(['token'], [])).tokens[0]).to.deep.equal(before)
        })

        it('has short epochs', async () => {
          const server = await redisServer.start()
          const { store } = connectedTo(server)
          const [minted] = await store.mint(['token'], DAY_MS)

          expect(minted?.whole.split(' ')[0]).to.have.length(16)
          expect(minted?.whole).to.include(server.runId.slice(0, 8))
        })

        it('has other tokens where a server is primary again that has lost sweeps meanwhile (H20)', async () => {
          const [first, second] = [await redisServer.start(), await redisServer.start()]
          const { client, store } = connectedTo(first)
          const admin = connectedTo(second).client
          const [before] = await store.mint(['token'], DAY_MS)
          await admin.replicaof('127.0.0.1', first.port)
          await replicated(admin)
          await admin.replicaof('NO', 'ONE')
          await store.sweep([{ key: 'token', row: false }])
          await client.replicaof('127.0.0.1', second.port)
          await replicated(client)
          await client.replicaof('NO', 'ONE')
          // As Sentinel does to the clients of a server whose role has changed.
          await reconnected(client)
          const [after] = (await answered(() => store.read(['token'], []))).tokens

          expect(first.runId).not.to.equal('')
          expect(after?.bornMs).to.equal(before?.bornMs)
          expect(after?.whole).not.to.equal(before?.whole)
        })

        it('forgets the clock until it has another sample', async () => {
          const server = await redisServer.start()
          const { client, store } = connectedTo(server)
          await store.mint(['token'], DAY_MS)
          const before = store.clock()
          const closed = new Promise((resolve) => client.once('close', resolve))
          client.stream.destroy()
          await closed
          const between = store.clock()
          await until('the clock', 5_000, () => store.clock() !== undefined)

          expect(before).not.to.equal(undefined)
          expect(between).to.equal(undefined)
        })
      })

      describe('when a reply comes over another connection than the command was sent on', () => {
        it('rejects, though the client sent it again and it was done (H5c)', async () => {
          const server = await redisServer.start()
          const { client, store } = connectedTo(server)
          const other = connectedTo(server).store
          await store.mint(['token'], DAY_MS)
          const before = await wholeOf(other, 'token')
          await server.pause()
          const sweeping = failureOf(store.sweep([{ key: 'token', row: false }]))
          const reading = failureOf(store.read(['token'], []))
          client.stream.destroy()
          await server.resume()

          expect(await sweeping).to.include({ reason: 'connection-changed' })
          expect(await reading).to.include({ reason: 'connection-changed' })
          expect(await wholeOf(other, 'token')).not.to.equal(before)
        })

        it('has never put an old token back (H5b)', async () => {
          const server = await redisServer.start()
          const { client, store } = connectedTo(server)
          const { client: watcher, store: other } = connectedTo(server)
          const earlier = [(await store.mint(['token'], DAY_MS))[0]?.whole]
          await store.sweep([{ key: 'token', row: false }])
          earlier.push(await wholeOf(other, 'token'))
          await client.config('RESETSTAT')
          await server.pause()
          const sweeping = failureOf(store.sweep([{ key: 'token', row: false }]))
          client.stream.destroy()
          await server.resume()
          await sweeping

          expect(await watcher.info('commandstats')).to.match(/cmdstat_evalsha:calls=2,/)
          expect(earlier).not.to.include(await wholeOf(other, 'token'))
        })

        it('does not take the epoch of a server that is gone for that of the next', async () => {
          const server = await redisServer.start()
          const client = clients.connect(server.url)
          await client.ping()
          const slow = new SlowToGreet(client)
          const store = new RedisStore(slow)
          const reading = failureOf(store.read(['token'], []))
          await slow.hasAnswer
          const before = server.runId
          await server.restart()
          await until('the client', 5_000, () => client.status === 'ready')
          slow.pass()

          expect(await reading).to.include({ reason: 'connection-changed' })
          const [minted] = await answered(() => store.mint(['token'], DAY_MS))
          expect(server.runId).not.to.equal(before)
          expect(minted?.whole).to.include(server.runId.slice(0, 8))
        })

        it('rejects what was pipelined, and answers what comes after', async () => {
          const server = await redisServer.start()
          const { client, store } = connectedTo(server)
          await store.read(['token'], [])
          const entry = { key: 'entry', value: Buffer.from('x'), lifeMs: DAY_MS, tokenKeys: [] }
          await server.pause()
          const writing = failureOf(store.write([entry, entry, entry]))
          client.stream.destroy()
          await server.resume()

          expect(await writing).to.include({ reason: 'connection-changed' })
          expect((await answered(() => store.read([], ['entry']))).entries).to.deep.equal([
            entry.value,
          ])
        })
      })

      describe('before it is ready', () => {
        it('waits for it', async () => {
          const server = await redisServer.start()
          const { store } = connectedTo(server)
          const [one, two] = await Promise.all([
            store.mint(['token'], DAY_MS),
            store.mint(['token'], DAY_MS),
          ])

          expect(one).to.deep.equal(two)
        })

        it('makes a lazy client connect', async () => {
          const server = await redisServer.start()
          const store = new RedisStore(clients.connect(server.url, { lazyConnect: true }))

          expect(await store.mint(['token'], DAY_MS)).to.have.length(1)
        })

        it('takes a client that has long been ready', async () => {
          const server = await redisServer.start()
          const client = clients.connect(server.url)
          await client.ping()

          expect(await new RedisStore(client).mint(['token'], DAY_MS)).to.have.length(1)
        })

        it('rejects at once for a client that queues nothing', async () => {
          const server = await redisServer.start()
          const client = clients.connect(server.url, { enableOfflineQueue: false })

          expect(await failureOf(new RedisStore(client).read(['token'], []))).to.include({
            code: 'SWEEPER_STORE_UNAVAILABLE',
            reason: 'not-connected',
          })
        })

        it('rejects as the client gives up', async () => {
          const server = await redisServer.start()
          await server.stop()
          const retried = clients.connect(server.url, { maxRetriesPerRequest: 1 })
          const ended = clients.connect(server.url, { retryStrategy: () => null })

          expect(await failureOf(new RedisStore(retried).read(['token'], []))).to.include({
            reason: 'not-connected',
          })
          expect(await failureOf(new RedisStore(ended).read(['token'], []))).to.include({
            reason: 'closed',
          })
        })
      })

      describe('to a server that refuses', () => {
        it('tells so, and no secret (WRONGPASS)', async () => {
          const server = await redisServer.start()
          const admin = clients.connect(server.url)
          await admin.acl('SETUSER', 'app', 'on', '>right', '~*', '+@all')
          for (const options of [{}, { protocol: 2 as const }]) {
            const client = clients.connect(server.url, {
              username: 'app',
              password: 'the-wrong-secret',
              ...options,
            })
            const error = await failureOf(new RedisStore(client).read(['token'], []))

            expect(error).to.include({ code: 'SWEEPER_STORE_UNAVAILABLE', reason: 'WRONGPASS' })
            expect(inspect(error, { depth: Infinity, showHidden: true })).not.to.include(
              'wrong-secret',
            )
          }
        })

        it('does without the epoch where INFO is forbidden, and warns once', async () => {
          const server = await redisServer.start()
          const admin = clients.connect(server.url)
          await admin.acl('SETUSER', 'app', 'on', 'nopass', '~*', '+@all', '-info')
          const options = { username: 'app', password: 'any', enableReadyCheck: false }
          const client = clients.connect(server.url, options)
          const store = new RedisStore(client)
          const [before] = await store.mint(['token'], DAY_MS)
          await reconnected(client)
          const after = (await store.read(['token'], [])).tokens[0]

          expect(after).to.deep.equal(before)
          expect(warnings).to.have.length(1)
          expect(warnings[0]).to.include({ code: 'SWEEPER_REDIS_EPOCH_UNKNOWN' })
          expect(warnings[0]?.message).to.include('snapshot').and.to.include('INFO')
        })

        it('tells a server that is out of memory from one that is down', async () => {
          const server = await redisServer.start(['--maxmemory', '1mb'])
          const { client, store } = connectedTo(server)
          await store.read(['token'], [])
          await client.config('SET', 'maxmemory', '1')
          const entry = { key: 'entry', value: Buffer.from('x'), lifeMs: DAY_MS, tokenKeys: [] }

          expect(await failureOf(store.write([entry]))).to.include({ reason: 'OOM' })
          expect(await failureOf(store.write([entry, entry]))).to.include({ reason: 'OOM' })
          expect(await failureOf(store.mint(['token'], DAY_MS))).to.include({ reason: 'OOM' })
          expect((await store.read(['token'], [])).tokens).to.deep.equal([undefined])
        })
      })

      describe('to a replica', () => {
        it('is refused: its tokens are the past of another server’s', async () => {
          const [primary, replica] = [await redisServer.start(), await redisServer.start()]
          await clients.connect(replica.url).replicaof('127.0.0.1', primary.port)
          const { store } = connectedTo(replica)

          expect(await failureOf(store.read(['token'], []))).to.include({ reason: 'READONLY' })
        })

        it('is taken when the replica has become a primary', async () => {
          const [primary, replica] = [await redisServer.start(), await redisServer.start()]
          const admin = clients.connect(replica.url)
          await admin.replicaof('127.0.0.1', primary.port)
          const { store } = connectedTo(replica)
          await failureOf(store.read(['token'], []))
          await admin.replicaof('NO', 'ONE')

          expect(await store.mint(['token'], DAY_MS)).to.have.length(1)
        })

        it('is not read from any more when a primary was made one and has refused a write', async () => {
          const [primary, other] = [await redisServer.start(), await redisServer.start()]
          const { store } = connectedTo(primary)
          await store.mint(['token'], DAY_MS)
          await clients.connect(primary.url).replicaof('127.0.0.1', other.port)

          expect(await failureOf(store.sweep([{ key: 'token', row: true }]))).to.include({
            reason: 'READONLY',
          })
          expect(await failureOf(store.read(['token'], []))).to.include({ reason: 'READONLY' })
        })
      })

      describe('closed', () => {
        it('leaves the client open, and no listener on it', async () => {
          const server = await redisServer.start()
          const client = clients.connect(server.url)
          const listeners = (): number[] =>
            ['ready', 'close', 'reconnecting', 'end', 'error'].map((event) =>
              client.listenerCount(event),
            )
          const before = listeners()
          const store = new RedisStore(client)
          await store.read(['token'], [])
          await store.close()
          await store.close()

          expect(listeners()).to.deep.equal(before)
          expect(await client.ping()).to.equal('PONG')
          expect(await failureOf(store.read(['token'], []))).to.include({ reason: 'closed' })
        })

        it('never listens to errors, so that those of the user are heard', async () => {
          const server = await redisServer.start()
          const client = clients.connect(server.url)
          const before = client.listenerCount('error')
          const store = new RedisStore(client)

          expect(client.listenerCount('error')).to.equal(before)
          await store.close()
        })
      })
    },
  )
