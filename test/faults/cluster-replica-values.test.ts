import { expect } from 'chai'
import type { Cluster } from 'ioredis'
import type { Cluster as Cluster5 } from 'ioredis-5'
import { Keyspace } from '../../src/core/keyspace'
import { InvalidOptionError, record } from '../../src/index'
import { ClusterStore } from '../../src/redis'
import { evenHashTags } from '../../src/store/cluster-slots'
import { recordRedisCommands } from '../support/recorders/record-redis-commands'
import { describeWith } from '../support/services'
import { until } from '../support/services-process'
import type { RedisServer } from '../support/services-redis-server'
import { Article } from '../support/zoo'
import { zooSweeper, type ZooSweeper } from '../support/zoo-sweeper'

const READ_MS = 300
const SOON_MS = 200

describeWith(
  ['postgres', 'redisCluster'],
  'values that are read from replicas',
  ({ postgres, redisCluster }) => {
    const zoos: ZooSweeper[] = []
    let namespace: string
    let client: Cluster
    let zoo: ZooSweeper
    let id: number
    let primary: RedisServer
    let replica: RedisServer
    let runs = 0

    beforeEach(async function () {
      this.timeout(60_000)
      await redisCluster.cluster.healed()
      // Nobody takes a server for dead meanwhile.
      for (const server of redisCluster.cluster.servers)
        await redisCluster.cluster.ask(server, 'config', 'set', 'cluster-node-timeout', 60_000)
      namespace = `${redisCluster.namespace}-${++runs}`
      client = redisCluster.connect()
      zoo = await start(client)
      id = (await zoo.dataSource.getRepository(Article).save({ title: 'a' })).id
      const key = new Keyspace(namespace, evenHashTags()).record('zoo_article', String(id))
      primary = await redisCluster.cluster.primaryOf(key)
      replica = await redisCluster.cluster.replicaOf(key)
    })
    afterEach(async function () {
      this.timeout(60_000)
      for (const { dataSource } of zoos.splice(0)) await dataSource.destroy()
      await redisCluster.cluster.failsSoon()
    })

    async function start(cluster: Cluster | Cluster5): Promise<ZooSweeper> {
      const store = new ClusterStore(cluster, { values: 'replicas' })
      const timeout = { read: READ_MS, write: 5_000 }
      const started = await zooSweeper(postgres.options, { store, namespace, timeout })
      zoos.push(started)
      return started
    }

    let loads = 0
    const title = (by = zoo): Promise<string> =>
      by.sweeper.getOrSet({
        on: record(Article, id),
        key: 'title',
        factory: async () => {
          loads++
          return (await by.dataSource.getRepository(Article).findOneByOrFail({ id })).title
        },
      })
    const save = (to: string): Promise<unknown> =>
      zoo.dataSource.getRepository(Article).save({ id, title: to })

    async function untilHit(by = zoo): Promise<void> {
      await until('a hit', 10_000, async () => {
        loads = 0
        await title(by)
        return loads === 0
      })
    }

    for (const version of [5, 6] as const)
      it(`take nothing but tokens from primaries, by ioredis ${version}`, async () => {
        const cluster = version === 6 ? redisCluster.connect() : redisCluster.connectFifth()
        const other = await start(cluster)
        await untilHit(other)
        const record = (role: 'master' | 'slave') =>
          cluster.nodes(role).map((node) => recordRedisCommands(node))
        const [primaries, replicas] = [record('master'), record('slave')]
        loads = 0
        for (let time = 0; time < 10; time++) await title(other)
        const mgets = (recorders: typeof primaries): number =>
          recorders.flatMap((recorder) => recorder.matching(/^mget$/)).length

        expect(loads).to.equal(0)
        expect([mgets(primaries), mgets(replicas)]).to.deep.equal([10, 10])
      })

    it('are never old, however far a replica is behind', async () => {
      await untilHit()
      await redisCluster.cluster.stopReplicating(replica)
      try {
        for (let round = 0; round < 5; round++) {
          await save(`${round}`)
          loads = 0

          expect(await title()).to.equal(`${round}`)
          expect(await title()).to.equal(`${round}`)
          // What it costs: the replica does not have it.
          expect(loads).to.equal(2)
        }
      } finally {
        await redisCluster.cluster.replicate(replica)
      }
      await untilHit()
      expect(await title()).to.equal('4')
    }).timeout(40_000)

    it('come from the primary while the replica does not answer, and soon without waiting', async () => {
      await untilHit()
      await replica.pause()
      try {
        loads = 0
        for (let time = 0; time < 5; time++) await title()
        const startedAtMs = performance.now()
        loads = 0
        await title()

        expect(loads).to.equal(0)
        expect(performance.now() - startedAtMs).to.be.below(SOON_MS)
        await save('b')
        await title()
        expect(await title()).to.equal('b')
      } finally {
        await replica.resume()
      }
    })

    it('are missing beside tokens that are there, while a replica takes its time', async () => {
      const store = new ClusterStore(client, { values: 'replicas' }).guarded({
        readMs: READ_MS,
        writeMs: READ_MS,
      })
      const key = new Keyspace(namespace, evenHashTags()).record('zoo_article', String(id))
      const [minted] = await store.mint([key], 60_000)
      await replica.pause()
      const reply = await store.read([key], [`${key}@card`])
      await replica.resume()
      await store.close()

      expect(reply).to.deep.equal({ tokens: [minted], entries: [undefined] })
    })

    it('come from the primary when the replica has died', async () => {
      await untilHit()
      await replica.kill()
      try {
        await untilHit()
        await save('b')

        expect(await title()).to.equal('b')
        await untilHit()
        expect(await title()).to.equal('b')
      } finally {
        await replica.restart()
      }
    })

    it('come from who has been made a primary, and the other way round', async () => {
      await untilHit()
      await redisCluster.cluster.promote(replica)
      await save('b')

      expect(await title()).to.equal('b')
      await untilHit()
      expect(String(await redisCluster.cluster.ask(primary, 'role'))).to.match(/^slave/)
    })

    it('are not read for nothing: a look at tokens alone asks no replica', async () => {
      await untilHit()
      const replicas = client.nodes('slave').map((node) => recordRedisCommands(node))
      await zoo.sweeper.version(record(Article, id))

      expect(replicas.flatMap(({ commands }) => commands)).to.deep.equal([])
    })

    it('are read from primaries or replicas, and from nowhere else', () => {
      // What JavaScript lets pass.
      const values = 'anywhere' as 'replicas'

      expect(() => new ClusterStore(client, { values })).to.throw(
        InvalidOptionError,
        'ClusterStore: values "anywhere" is not usable; give "primaries" or "replicas"',
      )
    })
  },
)
