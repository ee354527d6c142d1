import { expect } from 'chai'
import Memcached from 'memcached'
import { MemcachedStore } from '../../src/memcached'
import { itBehavesLikeAStore } from '../../src/store-contract'
import { GuardedStore, type StoreFailure } from '../../src/store/guarded-store'
import { withPing } from '../support/pinging'
import { describeWith } from '../support/services'
import { until } from '../support/services-process'
import type { MemcachedServer } from '../support/services-memcached'

const DAY_MS = 86_400_000
/** Looks again soon, which the client's own defaults of half a minute and five hours do not. */
const SETTINGS = {
  ...{ retries: 3, minTimeout: 20, retry: 50, reconnect: 50, failures: 1, timeout: 300 },
  // A lost node's five minutes would keep the process.
  failuresTimeout: 1000,
}

const entry = (key: string, value: Buffer, lifeMs = 60_000) => ({
  key,
  value,
  lifeMs,
  tokenKeys: [],
})

describeWith(['memcached'], 'MemcachedStore', ({ memcached }) => {
  let server: MemcachedServer
  let client: Memcached
  let store: MemcachedStore

  before(async () => {
    server = await memcached.start()
    client = new Memcached(server.address, SETTINGS)
    store = new MemcachedStore(client)
  })

  after(() => client.end())

  itBehavesLikeAStore('MemcachedStore', () => new MemcachedStore(client), { largestEntry: 786_000 })

  /** What is sent from now on, by its first word. */
  function recorded(): string[] {
    const sent: string[] = []
    const command = Reflect.get(client, 'command') as (...args: unknown[]) => unknown
    Reflect.set(client, 'command', (compile: () => { command: string }, ...rest: unknown[]) => {
      const query = compile()
      sent.push(query.command.split(' ')[0] ?? '')
      return command.call(client, () => query, ...rest)
    })
    return sent
  }

  afterEach(() => Reflect.deleteProperty(client, 'command'))

  it('reads a page with one get', async () => {
    await store.read(['clock'], [])
    const sent = recorded()
    await store.read(
      ['t1', 't2'],
      Array.from({ length: 50 }, (_, index) => `e${index}`),
    )

    expect(sent).to.deep.equal(['get'])
  })

  it('sweeps a token with a gets and a cas, and one that is missing with a gets', async () => {
    await store.mint(['swept'], DAY_MS)
    const sent = recorded()
    await store.sweep([{ key: 'swept', row: true }])
    await store.sweep([{ key: 'never there', row: true }])

    expect(sent).to.deep.equal(['gets', 'cas', 'gets'])
  })

  it('does not keep what is too large, says so, and keeps the rest', async () => {
    const failures: StoreFailure[] = []
    const guarded = new GuardedStore(store, {
      readMs: 5_000,
      writeMs: 5_000,
      onError: (failure) => failures.push(failure),
    })
    for (let time = 0; time < 6; time++)
      await guarded
        .write([entry('large', Buffer.alloc(2 ** 20)), entry('small', Buffer.from('small'))])
        .catch(() => undefined)
    const { entries } = await guarded.read([], ['large', 'small'])

    expect(failures.map(({ error }) => Reflect.get(error, 'reason'))).to.deep.equal(
      Array.from({ length: 6 }, () => 'too-large'),
    )
    expect(entries).to.deep.equal([undefined, Buffer.from('small')])
  })

  it('keeps lives of more than thirty days, which Memcached would take for a date', async () => {
    await store.write([entry('long', Buffer.from('value'), 40 * DAY_MS)])

    expect((await store.read([], ['long'])).entries[0]?.toString()).to.equal('value')
  })

  it('refuses a token that was made before a sweep found nothing, and arrives after it', async () => {
    const [minted] = await store.mint(['late'], DAY_MS)
    const held = await new Promise<{ cas: string }>((resolve, reject) => {
      client.gets('late', (error: unknown, data) =>
        error === undefined ? resolve(data) : reject(new Error('gets failed')),
      )
    })
    await store.sweep([{ key: 'late', row: true }])
    const swept = (await store.read(['late'], [])).tokens[0]
    const isStored = await new Promise((resolve) => {
      client.cas('late', `0 ${minted?.seen ?? ''}`, held.cas, 60, (_: unknown, result) =>
        resolve(result),
      )
    })

    expect(isStored).to.equal(false)
    expect((await store.read(['late'], [])).tokens[0]).to.deep.equal(swept)
  })

  it('refuses a client that moves keys of lost nodes to others', () => {
    for (const settings of [{ remove: true }, { redundancy: 1 }, { failOverServers: ['a:1'] }])
      expect(() => new MemcachedStore(new Memcached(server.address, settings))).to.throw(
        /^MemcachedStore: the client has the option /,
      )
  })

  it('is born late, so that no value from before a token is taken for one from after it', async () => {
    const [minted] = await store.mint([`born ${process.pid}`], DAY_MS)
    const { offsetMs = 0, errorMs = 0 } = store.clock() ?? {}

    expect(minted?.bornMs).to.be.at.least(Date.now() - 1_000 + offsetMs + errorMs)
  })
})

describeWith(['memcached'], 'a node of Memcached that fails', ({ memcached }) => {
  let nodes: readonly MemcachedServer[]
  let client: Memcached
  let store: GuardedStore

  before(withPing)

  beforeEach(async () => {
    nodes = [await memcached.start(), await memcached.start()]
    client = new Memcached(
      nodes.map(({ address }) => address),
      SETTINGS,
    )
    store = new GuardedStore(new MemcachedStore(client), { readMs: 1_000, writeMs: 1_000 })
  })

  afterEach(() => client.end())

  const keys = Array.from({ length: 40 }, (_, index) => `key ${index}`)
  const read = async () => (await store.read(keys, [])).tokens.map((state) => state?.whole)

  it('misses what it had, and the other node has what is its own', async () => {
    const minted = (await store.mint(keys, DAY_MS)).map(({ whole }) => whole)
    await nodes[0]?.kill()
    let found: readonly (string | undefined)[] = []
    await until('a read', 10_000, async () => {
      found = await read().catch(() => [])
      return found.some((whole) => whole === undefined)
    })
    const left = found.filter((whole) => whole !== undefined)

    expect(left.length).to.be.within(1, keys.length - 1)
    expect(minted).to.include.members(left)
  })

  it('does not acknowledge a sweep that has not reached it', async () => {
    await store.mint(keys, DAY_MS)
    await nodes[0]?.kill()
    const error = await store
      .sweep(keys.map((key) => ({ key, row: true })))
      .catch((caught: unknown) => caught)

    expect(error).to.include({ code: 'SWEEPER_STORE_UNAVAILABLE' })
  })

  it('comes back empty, and makes other tokens', async () => {
    const minted = (await store.mint(keys, DAY_MS)).map(({ whole }) => whole)
    for (const node of nodes) await node.restart()
    let again: readonly string[] = []
    await until('minting', 15_000, async () => {
      again = await store.mint(keys, DAY_MS).then(
        (states) => states.map(({ whole }) => whole),
        () => [],
      )
      return again.length > 0
    })

    expect(again.filter((whole) => minted.includes(whole))).to.deep.equal([])
  })
})
