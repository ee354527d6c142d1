import { expect } from 'chai'
import { inspect } from 'node:util'
import { InvalidOptionError, StoreUnavailableError } from '../../src/core/errors'
import { GuardedStore, type StoreFailure } from '../../src/store/guarded-store'
import { MemoryStore } from '../../src/store/memory-store'
import { RedisStore } from '../../src/store/redis-store'
import type { Store } from '../../src/store/store'
import { ManualClock } from '../support/manual-clock'
import { RedisClients } from '../support/redis-clients'
import { describeWith } from '../support/services'
import { until } from '../support/services-process'
import { itBehavesLikeAStore } from '../../src/store-contract'
import { CountingStore, HangingStore, SlowStore, ThrowingStore } from '../support/stores'

const DAY_MS = 86_400_000
const PATIENT = { readMs: 5_000, writeMs: 5_000 }

itBehavesLikeAStore('GuardedStore', () => new GuardedStore(new MemoryStore(), PATIENT))

async function reasonOf(work: Promise<unknown>): Promise<unknown> {
  try {
    await work
    return 'answered'
  } catch (error) {
    return error instanceof StoreUnavailableError ? error.reason : error
  }
}

const OPERATIONS: Readonly<Record<string, (store: Store) => Promise<unknown>>> = {
  read: (store) => store.read(['t'], ['e']),
  mint: (store) => store.mint(['t'], DAY_MS),
  write: (store) =>
    store.write([{ key: 'e', value: Buffer.alloc(1), lifeMs: DAY_MS, tokenKeys: [] }]),
  remove: (store) => store.remove(['e']),
  mark: (store) => store.mark(['t'], 'w', DAY_MS),
  unmark: (store) => store.unmark(['t'], 'w'),
  sweep: (store) => store.sweep([{ key: 't', row: true }]),
}

describe('GuardedStore', () => {
  for (const [operation, call] of Object.entries(OPERATIONS)) {
    const isRead = operation === 'read' || operation === 'mint'

    it(`bounds ${operation} by the deadline for ${isRead ? 'reads' : 'writes'}`, async () => {
      const hanging = new HangingStore(new MemoryStore())
      const bounds = isRead ? { readMs: 15, writeMs: Infinity } : { readMs: Infinity, writeMs: 15 }
      const startedAtMs = performance.now()

      expect(await reasonOf(call(new GuardedStore(hanging, bounds)))).to.equal('timeout')
      expect(performance.now() - startedAtMs).to.be.within(14, 1_000)
    })

    it(`tells of every failure of ${operation}`, async () => {
      const failures: StoreFailure[] = []
      const onError = (failure: StoreFailure): void => void failures.push(failure)
      const guarded = new GuardedStore(new ThrowingStore(new MemoryStore()), {
        ...PATIENT,
        onError,
      })

      expect(await reasonOf(call(guarded))).to.equal('ECONNREFUSED')
      expect(failures).to.have.length(1)
      expect(failures[0]).to.include({ operation })
      expect(failures[0]?.error).to.include({ reason: 'ECONNREFUSED' })
      expect(failures[0]?.durationMs).to.be.within(0, 1_000)
    })
  }

  it('has the name and the clock of what it guards', () => {
    const guarded = new GuardedStore(new MemoryStore(), PATIENT)

    expect(guarded.name).to.equal('memory')
    expect(guarded.clock()).to.deep.equal({ offsetMs: 0, errorMs: 0 })
  })

  it('has no deadline beyond what timers can do, and not a deadline of at once', async () => {
    const slow = new SlowStore(new MemoryStore(), 20)
    for (const readMs of [Infinity, 2 ** 31, 1e12]) {
      const guarded = new GuardedStore(slow, { readMs, writeMs: 10 })
      expect(await reasonOf(guarded.read([], []))).to.equal('answered')
    }
  })

  it('ignores what comes after the deadline, errors included', async () => {
    const hanging = new HangingStore(new ThrowingStore(new MemoryStore()))
    const guarded = new GuardedStore(hanging, { readMs: 10, writeMs: 10 })
    const reason = await reasonOf(guarded.read([], []))
    hanging.release()
    // An unhandled rejection would fail the run.
    await new Promise((resolve) => setImmediate(resolve))

    expect(reason).to.equal('timeout')
  })

  it('answers at once while the circuit is open, without a call', async () => {
    const counting = new CountingStore(new ThrowingStore(new MemoryStore()))
    const failures: StoreFailure[] = []
    const guarded = new GuardedStore(counting, {
      ...PATIENT,
      clock: new ManualClock(),
      onError: (failure) => void failures.push(failure),
    })
    for (let index = 0; index < 5; index++) await reasonOf(guarded.read([], []))
    const reasons = await Promise.all(
      Object.values(OPERATIONS).map((call) => reasonOf(call(guarded))),
    )

    expect(reasons).to.deep.equal(Object.keys(OPERATIONS).map(() => 'circuit-open'))
    expect(counting.total).to.equal(5)
    expect(failures.filter(({ error }) => error.message.includes('circuit-open'))).to.have.length(7)
  })

  it('sends exactly one probe, however many call, and goes on when it is answered', async () => {
    const clock = new ManualClock()
    const throwing = new ThrowingStore(new MemoryStore())
    const hanging = new HangingStore(throwing)
    hanging.hanging = new Set()
    const counting = new CountingStore(hanging)
    const guarded = new GuardedStore(counting, { ...PATIENT, clock })
    const readMany = (): Promise<unknown>[] =>
      Array.from({ length: 20 }, () => reasonOf(guarded.read([], [])))
    await Promise.all(readMany())
    clock.advance(1_000)
    counting.reset()
    throwing.failing = new Set()
    hanging.hanging = new Set(['read'])
    const probing = readMany()
    const underWay = hanging.held
    hanging.release()
    const reasons = await Promise.all(probing)

    expect(underWay).to.equal(1)
    expect(counting.total).to.equal(1)
    expect(reasons.filter((reason) => reason === 'answered')).to.have.length(1)
    expect(await Promise.all(readMany())).to.deep.equal(
      Array.from({ length: 20 }, () => 'answered'),
    )
  })

  it('does not open for wrong arguments or lost connections', async () => {
    const memory = new MemoryStore()
    const guarded = new GuardedStore(memory, PATIENT)
    const lost = new StoreUnavailableError('memory', 'read', 'connection-changed')
    memory.read = () => Promise.reject(lost)
    for (let index = 0; index < 10; index++) {
      expect(await reasonOf(guarded.mark(['t'], 'a b', 1))).to.be.instanceOf(InvalidOptionError)
      expect(await reasonOf(guarded.read([], []))).to.equal('connection-changed')
    }

    expect(await reasonOf(guarded.mint(['t'], DAY_MS))).to.equal('answered')
  })

  it('passes on no error that is not its own: those of clients carry secrets', async () => {
    const memory = new MemoryStore()
    const secret = Object.assign(new Error('could not send the secret'), { args: ['secret'] })
    memory.read = () => Promise.reject(secret)
    memory.remove = () => {
      throw secret
    }
    const guarded = new GuardedStore(memory, PATIENT)
    for (const call of [guarded.read([], []), guarded.remove(['e'])]) {
      const error = await call.catch((caught: unknown) => caught)

      expect(error).to.include({ code: 'SWEEPER_STORE_UNAVAILABLE', reason: 'failed' })
      expect(inspect(error, { depth: Infinity, showHidden: true })).not.to.include('secret')
    }
  })

  it('rejects as it should when the listener throws, and warns', async () => {
    const warned = new Promise<Error>((resolve) => process.once('warning', resolve))
    const guarded = new GuardedStore(new ThrowingStore(new MemoryStore()), {
      ...PATIENT,
      onError: () => {
        throw new Error('a mistake of the listener')
      },
    })

    expect(await reasonOf(guarded.read([], []))).to.equal('ECONNREFUSED')
    expect((await warned).message).to.equal('a mistake of the listener')
  })
})

describeWith(['redisServer'], 'a GuardedStore on Redis', ({ redisServer }) => {
  const clients = new RedisClients()

  afterEach(() => clients.close())

  it('bounds calls to a server that has stopped answering, and finds it again', async () => {
    const server = await redisServer.start()
    const clock = new ManualClock()
    const store = new RedisStore(clients.connect(server.url))
    const guarded = new GuardedStore(store, { readMs: 40, writeMs: 40, clock })
    await guarded.mint(['t'], DAY_MS)
    await server.pause()
    const startedAtMs = performance.now()
    const reasons = []
    for (let index = 0; index < 20; index++) reasons.push(await reasonOf(guarded.read(['t'], [])))
    const tookMs = performance.now() - startedAtMs
    await server.resume()
    clock.advance(1_000)
    await until('the server', 5_000, async () => {
      clock.advance(30_000)
      return (await reasonOf(guarded.read(['t'], []))) === 'answered'
    })

    expect(reasons).to.deep.equal(
      Array.from({ length: 20 }, (_, index) => (index < 5 ? 'timeout' : 'circuit-open')),
    )
    expect(tookMs).to.be.within(195, 1_500)
  })

  it('does not take its own busy process for a slow server', async () => {
    const server = await redisServer.start()
    const store = new RedisStore(clients.connect(server.url))
    await store.read(['t'], [])
    const guarded = new GuardedStore(store, { readMs: 20, writeMs: 20 })
    const reading = reasonOf(guarded.read(['t'], []))
    const busyUntilMs = performance.now() + 100
    while (performance.now() < busyUntilMs);

    expect(await reading).to.equal('answered')
  })

  it('bounds calls to a server that is not there, whatever the client waits for', async () => {
    const server = await redisServer.start()
    await server.stop()
    const store = new RedisStore(clients.connect(server.url))
    const guarded = new GuardedStore(store, { readMs: 40, writeMs: 40 })

    expect(await reasonOf(guarded.read(['t'], []))).to.equal('timeout')
    expect(await reasonOf(guarded.sweep([{ key: 't', row: true }]))).to.equal('timeout')
  })
})
