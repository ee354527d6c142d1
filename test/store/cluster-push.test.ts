import { expect } from 'chai'
import { Keyspace } from '../../src/core/keyspace'
import { ClusterNodes } from '../../src/store/cluster-nodes'
import { ClusterPush } from '../../src/store/cluster-push'
import { ClusterStore } from '../../src/store/cluster-store'
import { evenHashTags } from '../../src/store/cluster-slots'
import type { Push } from '../../src/store/push'
import { describeWith } from '../support/services'
import { until } from '../support/services-process'

/** Writes down what it is told. */
class Heard {
  readonly keys: string[] = []
  isListening = false
  begun = 0

  moved(keys: readonly string[]): void {
    this.keys.push(...keys)
  }

  listening(): void {
    this.begun++
    this.isListening = true
  }

  deaf(): void {
    this.isListening = false
  }
}

describeWith(['redisCluster'], 'ClusterPush', ({ redisCluster }) => {
  const keys = new Keyspace('push', evenHashTags())
  const tokens = Array.from({ length: 50 }, (_, id) => keys.record('public.comment', String(id)))
  const closing: { close(): unknown }[] = []
  let heard: Heard

  beforeEach(() => {
    heard = new Heard()
  })
  afterEach(async () => {
    for (const one of closing.splice(0)) await one.close()
  })

  const listening = (): Promise<void> =>
    until('the push listening', 5_000, async () => heard.isListening)

  function storeAs(username?: string): ClusterStore {
    const client =
      username === undefined ? redisCluster.connect() : redisCluster.connectAs(username, 'secret')
    const store = new ClusterStore(client)
    closing.push(store)
    return store
  }

  async function listen(store: ClusterStore): Promise<Push> {
    const push = store.listen('push', heard)
    closing.unshift(push)
    await listening()
    return push
  }

  it('tells of each mark and sweep of its namespace once, wherever it is made', async () => {
    const push = await listen(storeAs())
    const other = storeAs()
    await other.mark(tokens, 'w', 10_000)
    await other.sweep(
      tokens.map((key) => ({ key, row: true })),
      'w',
    )
    await other.sweep([{ key: new Keyspace('shop', evenHashTags()).record('a', '1'), row: true }])
    await push.fence()

    expect(heard.keys.toSorted()).to.deep.equal([...tokens, ...tokens].toSorted())
  })

  it('hears through ioredis 5 too', async () => {
    const store = new ClusterStore(redisCluster.connectFifth())
    closing.push(store)
    const push = await listen(store)
    await storeAs().sweep(tokens.map((key) => ({ key, row: true })))
    await push.fence()

    expect(heard.keys.toSorted()).to.deep.equal(tokens.toSorted())
  })

  it('costs the servers nothing while nobody listens', async () => {
    const published = async (): Promise<number> => {
      let calls = 0
      for (const server of redisCluster.cluster.servers) {
        const stats = String(await redisCluster.cluster.ask(server, 'info', 'commandstats'))
        calls += Number(/cmdstat_publish:calls=(\d+)/.exec(stats)?.[1] ?? 0)
      }
      return calls
    }
    const before = await published()
    await storeAs().sweep(tokens.map((key) => ({ key, row: true })))

    expect(await published()).to.equal(before)
    await listen(storeAs())
    await storeAs().sweep(tokens.map((key) => ({ key, row: true })))
    expect(await published()).to.be.above(before)
  })

  it('hears of who may not ask for the run of a server, and of who may not ask who listens', async () => {
    const rights =
      '~* &* +mget +evalsha +eval +time +get +getrange +del +set +pttl +pexpire +persist +publish +cluster|slots +cluster|info +readonly +asking'
    for (const server of redisCluster.cluster.servers) {
      const setuser = ['setuser', 'few', 'reset', 'on', '>secret', ...rights.split(' ')]
      await redisCluster.cluster.ask(server, 'acl', ...setuser)
    }
    const push = await listen(storeAs())
    await storeAs('few').sweep(tokens.map((key) => ({ key, row: true })))
    await push.fence()

    // On the channel that all of them pass on.
    expect(heard.keys).to.include.members(tokens)
    for (const server of redisCluster.cluster.servers)
      await redisCluster.cluster.ask(server, 'acl', 'deluser', 'few')
  })

  it('begins anew when a server is heard again that it could do without', async () => {
    await redisCluster.cluster.failsSoon()
    const [primary] = await redisCluster.cluster.primaries()
    if (primary === undefined) throw new Error('no primary')
    const replica = await redisCluster.cluster.replicaOfPrimary(primary)
    await listen(storeAs())
    await replica.kill()
    await until('it being missed', 5_000, () => !heard.isListening)
    await until('it being done without', 10_000, () => heard.isListening)
    const before = heard.begun
    await replica.restart()
    await until('it being heard again', 10_000, () => heard.begun > before)

    expect(heard.isListening).to.equal(true)
    await redisCluster.cluster.healed()
  }).timeout(40_000)

  it('promises nothing once nobody has told for long who the servers are', async () => {
    const client = redisCluster.connect()
    const nodes = new ClusterNodes(client, { name: 'redis-cluster' })
    let isTold = true
    const push = new ClusterPush('push', heard, {
      store: 'redis-cluster',
      members: () => (isTold ? nodes.members() : new Promise(() => undefined)),
      reach: (member) => nodes.reach(member),
      connect: (address) => nodes.listenTo(address),
    })
    closing.push(push, nodes)
    await listening()
    await push.fence()
    isTold = false
    let failure: unknown
    await until('the fence being refused', 10_000, async () => {
      failure = await push.fence().catch((error: unknown) => error)
      return failure !== undefined
    })

    expect(failure).to.include({ code: 'SWEEPER_STORE_UNAVAILABLE', reason: 'topology-unknown' })
    isTold = true
    await until('the fence being had again', 10_000, async () =>
      push.fence().then(
        () => true,
        () => false,
      ),
    )
  })
})
