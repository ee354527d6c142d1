import { expect } from 'chai'
import type { Cluster } from 'ioredis'
import { Keyspace } from '../../src/core/keyspace'
import { record, type SweeperOptions } from '../../src/index'
import { evenHashTags } from '../../src/store/cluster-slots'
import { ClusterStore } from '../../src/redis'
import type { Store } from '../../src/store/store'
import { describeWith } from '../support/services'
import { until } from '../support/services-process'
import type { RedisServer } from '../support/services-redis-server'
import { Article } from '../support/zoo'
import { zooSweeper, type ZooSweeper } from '../support/zoo-sweeper'

const DAY_MS = 86_400_000
const READ_MS = 300
/** Far from what a hung server costs, and from what a busy machine does. */
const SOON_MS = 200

describeWith(['postgres', 'redisCluster'], 'a primary that hangs', ({ postgres, redisCluster }) => {
  const stores: Store[] = []
  let namespace: string
  let client: Cluster
  let hung: RedisServer
  let zoo: ZooSweeper
  let runs = 0

  before(async () => {
    await redisCluster.cluster.healed()
    // Nobody takes it for dead meanwhile.
    for (const server of redisCluster.cluster.servers)
      await redisCluster.cluster.ask(server, 'config', 'set', 'cluster-node-timeout', 60_000)
    client = redisCluster.connect()
  })
  after(() => redisCluster.cluster.failsSoon())

  beforeEach(async () => {
    namespace = `${redisCluster.namespace}-${++runs}`
    const options: SweeperOptions = { store: new ClusterStore(client), namespace }
    const timeout = { read: READ_MS, write: READ_MS }
    zoo = await zooSweeper(postgres.options, { ...options, timeout })
  })
  afterEach(async () => {
    await hung.resume()
    await zoo.dataSource.destroy()
    for (const store of stores.splice(0)) await store.close()
  })

  const keyOf = (id: number): string =>
    new Keyspace(namespace, evenHashTags()).record('zoo_article', String(id))

  /** Articles in the cache, the first on the server that will hang, the others elsewhere. */
  async function cached(): Promise<readonly [number, number, number]> {
    const found = new Map<RedisServer, number>()
    while (found.size < 3) {
      const { id } = await zoo.dataSource.getRepository(Article).save({ title: 'a' })
      const server = await redisCluster.cluster.primaryOf(keyOf(id))
      if (!found.has(server)) found.set(server, id)
    }
    const [first = 0, second = 0, third = 0] = found.values()
    hung = await redisCluster.cluster.primaryOf(keyOf(first))
    await until('all of them being cached', 10_000, async () => {
      const loaded = await Promise.all([first, second, third].map(isLoaded))
      return !loaded.includes(true)
    })
    return [first, second, third]
  }

  async function isLoaded(id: number): Promise<boolean> {
    let loads = 0
    await zoo.sweeper.getOrSet({
      on: record(Article, id),
      key: 'title',
      factory: () => `load ${++loads}`,
    })
    return loads > 0
  }

  async function timed<T>(work: Promise<T>): Promise<readonly [T, number]> {
    const startedAtMs = performance.now()
    const result = await work
    return [result, performance.now() - startedAtMs]
  }

  it('costs nothing of what the others have, neither hits nor time', async () => {
    const [lost, ...others] = await cached()
    await hung.pause()
    for (let round = 0; round < 10; round++) {
      const losing = isLoaded(lost)
      await new Promise((resolve) => setImmediate(resolve))
      const [loaded, tookMs] = await timed(Promise.all(others.map(isLoaded)))

      expect(loaded).to.deep.equal([false, false])
      expect(tookMs).to.be.below(SOON_MS)
      await losing
    }
  })

  it('costs what it has a load each, and soon no time', async () => {
    const [lost, ...others] = await cached()
    const states: string[] = []
    zoo.sweeper.on('circuit', ({ state }) => states.push(state))
    await hung.pause()
    await until('the circuit opening', 10_000, async () => {
      // Also as parts of a page.
      expect(await Promise.all([lost, ...others].map(isLoaded))).to.deep.equal([true, false, false])
      return states.includes('open')
    })
    const took: number[] = []
    for (let round = 0; round < 20; round++) {
      const [loaded, tookMs] = await timed(Promise.all([lost, ...others].map(isLoaded)))
      took.push(tookMs)

      expect(loaded).to.deep.equal([true, false, false])
    }

    // But for the one that may have tried the server again.
    expect(took.filter((ms) => ms > SOON_MS).length, took.join(', ')).to.be.at.most(1)
  })

  it('is asked again when it answers', async () => {
    const [lost, ...others] = await cached()
    const states: string[] = []
    zoo.sweeper.on('circuit', ({ state }) => states.push(state))
    await hung.pause()
    await until('the circuit opening', 10_000, async () => {
      await isLoaded(lost)
      return states.includes('open')
    })
    await hung.resume()
    await until('it being asked again', 10_000, async () => !(await isLoaded(lost)))

    expect(states.at(-1)).to.equal('closed')
    expect(await Promise.all(others.map(isLoaded))).to.deep.equal([false, false])
  })

  it('refuses marks and sweeps of what it has, without keeping anybody waiting for long', async () => {
    const [lost, other] = await cached()
    const store = new ClusterStore(client).guarded({ readMs: READ_MS, writeMs: READ_MS })
    stores.push(store)
    const sweep = (id: number): Promise<unknown> =>
      store.sweep([{ key: keyOf(id), row: true }]).then(
        () => 'swept',
        (error: unknown) => (error as { reason: string }).reason,
      )
    expect(await sweep(lost)).to.equal('swept')
    await hung.pause()
    const outcomes: unknown[] = []
    await until('the circuit opening', 10_000, async () => {
      outcomes.push(await sweep(lost))
      expect(await sweep(other)).to.equal('swept')
      return outcomes.at(-1) === 'circuit-open'
    })

    expect(outcomes).to.deep.equal([...Array<string>(5).fill('timeout'), 'circuit-open'])
  })

  it('is not taken for hung because many were waiting for it at once', async () => {
    const [lost] = await cached()
    const keys = Array.from({ length: 400 }, (_, id) => keyOf(id))
    const store = new ClusterStore(client).guarded({ readMs: READ_MS, writeMs: READ_MS })
    stores.push(store)
    const minted = await store.mint(keys, DAY_MS)
    await hung.pause()
    const { tokens } = await store.read(keys, [])
    await hung.resume()

    // Of some twenty slots.
    expect(tokens.filter((token) => token === undefined).length).to.be.above(100)
    expect((await store.read([keyOf(lost), ...keys], [])).tokens.slice(1)).to.deep.equal(minted)
  })

  it('is told of, once for each call', async () => {
    const [lost, other] = await cached()
    const failures: string[] = []
    const store = new ClusterStore(client).guarded({
      readMs: READ_MS,
      writeMs: READ_MS,
      onError: ({ operation, error }) => failures.push(`${operation} ${error.code}`),
    })
    stores.push(store)
    const keys = Array.from({ length: 400 }, (_, id) => keyOf(id))
    await store.mint([keyOf(other), keyOf(lost)], DAY_MS)
    await hung.pause()
    await store.read(keys, [])

    expect(failures).to.deep.equal(['read SWEEPER_STORE_UNAVAILABLE'])
  })
})
