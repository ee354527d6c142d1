import { expect } from 'chai'
import type { Cluster } from 'ioredis'
import { setTimeout as delay } from 'node:timers/promises'
import { Keyspace } from '../../src/core/keyspace'
import { record, type NearTierOptions, type SweeperOptions } from '../../src/index'
import { evenHashTags, slotOfKey } from '../../src/store/cluster-slots'
import { ClusterStore } from '../../src/redis'
import { CuttingProxy } from '../support/cutting-proxy'
import { GatedStore } from '../support/gated-store'
import { gate } from '../support/hold'
import { recordRedisCommands } from '../support/recorders/record-redis-commands'
import { describeWith } from '../support/services'
import { until } from '../support/services-process'
import type { RedisServer } from '../support/services-redis-server'
import { Article } from '../support/zoo'
import { PATIENT, zooSweeper, type ZooSweeper } from '../support/zoo-sweeper'

const TYPE = 'zoo_article'

const once = ({ sweeper }: ZooSweeper, event: 'fill'): Promise<unknown> =>
  new Promise((resolve) => sweeper.on(event, resolve))

/** Two processes' worth: each with a client, a Sweeper and one of them with a near tier. */
describeWith(
  ['postgres', 'redisCluster'],
  'the near tier on a cluster',
  ({ postgres, redisCluster }) => {
    const zoos: ZooSweeper[] = []
    const links: CuttingProxy[] = []
    let namespace: string
    let reader: ZooSweeper
    let writer: ZooSweeper
    let readerClient: Cluster
    let articles: readonly number[]
    let loads = 0
    let runs = 0

    beforeEach(async function () {
      this.timeout(60_000)
      await redisCluster.cluster.failsSoon()
      namespace = `${redisCluster.namespace}-${++runs}`
      readerClient = redisCluster.connect()
      reader = await start(readerClient, { level: 'bounded' })
      writer = await start(redisCluster.connect())
      articles = await oneOnEach()
      loads = 0
    })
    afterEach(async function () {
      this.timeout(60_000)
      for (const { dataSource } of zoos.splice(0)) await dataSource.destroy()
      for (const link of links.splice(0)) await link.close()
      await redisCluster.cluster.healed()
    })

    async function start(
      client: Cluster,
      near: NearTierOptions | false = false,
      timeout: SweeperOptions['timeout'] & object = PATIENT,
    ): Promise<ZooSweeper> {
      const store = new ClusterStore(client)
      const zoo = await zooSweeper(postgres.options, { store, namespace, near, timeout })
      zoos.push(zoo)
      return zoo
    }

    const keyOf = (id: number): string =>
      new Keyspace(namespace, evenHashTags()).record(TYPE, String(id))
    const save = (id: number, title: string, zoo = writer): Promise<unknown> =>
      zoo.dataSource.getRepository(Article).save({ id, title })

    /** An article on each of the three primaries. */
    async function oneOnEach(): Promise<readonly number[]> {
      const found = new Map<RedisServer, number>()
      while (found.size < 3) {
        const { id } = await writer.dataSource.getRepository(Article).save({ title: 'a' })
        const server = await redisCluster.cluster.primaryOf(keyOf(id))
        if (!found.has(server)) found.set(server, id)
      }
      return [...found.values()]
    }

    function title(
      id: number,
      near?: 'strict' | 'request' | 'bounded' | false,
      zoo = reader,
    ): Promise<string> {
      return zoo.sweeper.getOrSet({
        on: record(Article, id),
        key: 'title',
        ...(near === undefined ? {} : { near }),
        factory: async () => {
          loads++
          const found = await zoo.dataSource.getRepository(Article).findOneByOrFail({ id })
          return found.title
        },
      })
    }
    const titles = (near?: 'strict' | 'request' | 'bounded'): Promise<readonly string[]> =>
      Promise.all(articles.map((id) => title(id, near)))

    /** Until they are read without asking a server. */
    async function untilNear(ids = articles, zoo = reader): Promise<void> {
      const read = async (): Promise<unknown> =>
        Promise.all(ids.map((id) => title(id, undefined, zoo)))
      await until('the near tier holding them', 20_000, async () => {
        await read()
        return ids.every((id) => title(id, undefined, zoo) === title(id, undefined, zoo))
      })
    }
    const isOff = (): boolean =>
      reader.sweeper.nearTier?.isListening === false && !articles.some(isNear)
    /** Whether it is served without a promise of its own. */
    const isNear = (id: number): boolean => title(id) === title(id)

    it('serves without a command', async () => {
      await untilNear()
      const sent = readerClient.nodes('all').map((node) => recordRedisCommands(node))
      loads = 0

      expect(await titles()).to.deep.equal(['a', 'a', 'a'])
      expect(
        sent.flatMap(({ commands }) => commands).filter((name) => name === 'mget'),
      ).to.deep.equal([])
      expect(loads).to.equal(0)
    })

    it('hears of writes of another process at each of the servers', async () => {
      for (let round = 0; round < 10; round++) {
        await untilNear()
        for (const id of articles) await save(id, `${round}`)
        await reader.sweeper.fence()

        expect(await titles()).to.deep.equal([`${round}`, `${round}`, `${round}`])
      }
    })

    it('is never older than its request at level request', async () => {
      await untilNear()
      for (let round = 0; round < 30; round++) {
        await Promise.all(articles.map((id) => save(id, `${round}`)))
        const read = await reader.sweeper.request(() => titles('request'))

        expect(read).to.deep.equal([`${round}`, `${round}`, `${round}`])
      }
    })

    it('is as the store at level strict, and outside of a request', async () => {
      await untilNear()
      for (let round = 0; round < 30; round++) {
        await Promise.all(articles.map((id) => save(id, `${round}`)))

        expect(await titles('strict')).to.deep.equal([`${round}`, `${round}`, `${round}`])
        expect(await titles('request')).to.deep.equal([`${round}`, `${round}`, `${round}`])
      }
    })

    it('knows of writes of its own before they resolve, those of a whole type too', async () => {
      for (let round = 0; round < 10; round++) {
        await untilNear()
        for (const id of articles) await save(id, `${round}`, reader)

        expect(await titles()).to.deep.equal([`${round}`, `${round}`, `${round}`])
        await untilNear()
        loads = 0
        await reader.sweeper.sweep(Article)

        expect(articles.map(isNear)).to.deep.equal([false, false, false])
        await titles()
        expect(loads).to.equal(3)
      }
    })

    it('keeps grace from who swept the type, whichever copy of its token a value carries (H27)', async () => {
      const [id = 0] = articles
      const loading = gate()
      const graceful = (factory: () => Promise<string>): Promise<string> =>
        reader.sweeper.getOrSet({
          on: record(Article, id),
          key: 'graceful',
          near: false,
          grace: '1m',
          factory,
        })
      const stored = once(reader, 'fill')
      await graceful(() => Promise.resolve('old'))
      await stored

      await reader.sweeper.sweep(Article)
      const begun = gate()
      const first = graceful(async () => {
        begun.open()
        await loading.passed
        return 'new'
      })
      await begun.passed
      const second = graceful(() => Promise.reject(new Error('one load is enough')))
      const others = await Promise.race([second, delay(50)])
      loading.open()

      expect(others).to.equal(undefined)
      expect(await Promise.all([first, second])).to.deep.equal(['new', 'new'])
    })

    it('hears of marks: a writer that dies between COMMIT and sweep leaves nothing near (H16b)', async () => {
      await untilNear()
      const gated = new GatedStore(new ClusterStore(redisCluster.connect()))
      const dying = await zooSweeper(postgres.options, { store: gated, namespace })
      zoos.push(dying)
      for (const id of articles) {
        const sweep = gated.hold('sweep')
        const saving = save(id, 'b', dying)
        await sweep.reached
        await reader.sweeper.fence()

        expect(await title(id)).to.equal('b')
        sweep.release()
        await saving
      }
    })

    it('keeps nothing of a read that a push overtook, at any server (H16)', async () => {
      await untilNear()
      const gated = new GatedStore(new ClusterStore(redisCluster.connect()))
      // What listens is the store itself.
      const listening = Object.assign(gated, {
        listen: (...given: Parameters<ClusterStore['listen']>) =>
          new ClusterStore(redisCluster.connect()).listen(...given),
      })
      const slow = await zooSweeper(postgres.options, {
        ...{ store: listening, namespace, timeout: PATIENT },
        near: { level: 'bounded' },
      })
      zoos.push(slow)
      for (const id of articles) {
        await untilNear([id], slow)
        await save(id, 'b')
        await slow.sweeper.fence()
        await title(id, false)
        const read = gated.hold('read', { when: 'after' })
        const reading = title(id, undefined, slow)
        await read.reached
        await save(id, 'c')
        await slow.sweeper.fence()
        read.release()
        await reading

        expect(await title(id, undefined, slow)).to.equal('c')
      }
    })

    it('waits in a fence for every server: one that says nothing costs the tier what it holds', async () => {
      const servers = redisCluster.cluster.servers
      const between = await Promise.all(servers.map(({ url }) => CuttingProxy.before(url)))
      links.push(...between)
      const natMap = Object.fromEntries(
        servers.map(({ port }, index) => {
          const { hostname, port: linked } = new URL(between[index]?.url ?? '')
          return [`127.0.0.1:${port}`, { host: hostname, port: Number(linked) }]
        }),
      )
      const client = redisCluster.connect({ natMap })
      const behind = await start(client, { level: 'bounded' }, { read: '200ms', write: '1s' })
      for (const id of articles) {
        await untilNear(articles, behind)
        const server = await redisCluster.cluster.primaryOf(keyOf(id))
        const link = between[servers.indexOf(server)]
        link?.hold()
        const fresh = `${id} is fresh`
        await save(id, fresh)
        await behind.sweeper.fence()

        expect(await title(id, undefined, behind)).to.equal(fresh)
        link?.pass()
      }
    })

    it('hears of a server that is made a primary, from its first write on', async () => {
      for (const id of articles) {
        await untilNear()
        const replica = await redisCluster.cluster.replicaOf(keyOf(id))
        await redisCluster.cluster.ask(replica, 'cluster', 'failover')
        await until('the promotion', 10_000, async () =>
          String(await redisCluster.cluster.ask(replica, 'role')).startsWith('master'),
        )
        await save(id, 'b')
        await reader.sweeper.fence()

        expect(await title(id)).to.equal('b')
        await redisCluster.cluster.healed()
      }
    })

    it('is off when a primary has died, and on again once another has its slots', async () => {
      const [id = 0] = articles
      await untilNear()
      const dead = await redisCluster.cluster.primaryOf(keyOf(id))
      await dead.kill()
      try {
        await until('the near tier being off', 5_000, isOff)
        await redisCluster.cluster.promoted(dead)
        await save(id, 'b')

        expect(await title(id, 'strict')).to.equal('b')
        await untilNear()
        await save(id, 'c')
        await reader.sweeper.fence()
        expect(await title(id)).to.equal('c')
      } finally {
        await dead.restart()
      }
    })

    it('is on without a replica that is known to be dead', async () => {
      const [id = 0] = articles
      await untilNear()
      const dead = await redisCluster.cluster.replicaOf(keyOf(id))
      await dead.kill()
      await until('the near tier being off', 5_000, isOff)
      await untilNear()
      await save(id, 'b')
      await reader.sweeper.fence()

      expect(await title(id)).to.equal('b')
      await dead.restart()
    })

    it('is off once a server has not answered a heartbeat, and on again after it (H17)', async () => {
      const [id = 0] = articles
      await untilNear()
      const hung = await redisCluster.cluster.primaryOf(keyOf(id))
      // Longer than a heartbeat, and not so long that it is taken for dead.
      for (const server of redisCluster.cluster.servers)
        await redisCluster.cluster.ask(server, 'config', 'set', 'cluster-node-timeout', 15_000)
      await hung.pause()
      await until('the near tier being off', 10_000, isOff)
      await hung.resume()
      await untilNear()
      await save(id, 'b')
      await reader.sweeper.fence()

      expect(await title(id)).to.equal('b')
    })

    it('serves nothing old while a slot moves and when it has, at each step of it', async () => {
      const [id = 0, other = 0] = articles
      const slot = slotOfKey(keyOf(id))
      const from = await redisCluster.cluster.primaryOf(keyOf(id))
      const to = await redisCluster.cluster.primaryOf(keyOf(other))
      let writes = 0
      const isHeard = async (): Promise<void> => {
        await save(id, `${++writes}`)
        await reader.sweeper.fence()
        expect(await title(id)).to.equal(`${writes}`)
        await untilNear()
      }
      const during = async (): Promise<void> => {
        for (let round = 0; round < 5; round++) await isHeard()
      }
      await untilNear()
      await redisCluster.cluster.moveSlot(slot, to, during)
      await during()
      await redisCluster.cluster.moveSlot(slot, from)
      await during()
    })

    it('hears of a slot that a server gets which has joined', async () => {
      const [id = 0] = articles
      const slot = slotOfKey(keyOf(id))
      const from = await redisCluster.cluster.primaryOf(keyOf(id))
      await untilNear()
      await redisCluster.cluster.withNewcomer(async (newcomer) => {
        await until('it being listened to', 5_000, async () => (await ears(newcomer)) > 0)
        const isHeard = async (): Promise<void> => {
          await untilNear()
          await save(id, `${Math.random()}`)
          await reader.sweeper.fence()
          const { title: now } = await writer.dataSource
            .getRepository(Article)
            .findOneByOrFail({ id })
          expect(await title(id)).to.equal(now)
        }
        await redisCluster.cluster.moveSlot(slot, newcomer, isHeard)
        await isHeard()
        await redisCluster.cluster.moveSlot(slot, from)
        await isHeard()
      })
    }).timeout(60_000)

    it('notices that one of the servers was emptied', async () => {
      for (const id of articles) {
        await untilNear()
        await redisCluster.cluster.ask(await redisCluster.cluster.primaryOf(keyOf(id)), 'flushall')
        await until('the near tier being empty', 5_000, () => !articles.some(isNear))
      }
    })

    it('is empty when the connection to one server is lost, and on again after it', async () => {
      for (const id of articles) {
        await untilNear()
        const server = await redisCluster.cluster.primaryOf(keyOf(id))
        const before = await ears(server)
        await redisCluster.cluster.ask(server, 'client', 'kill', 'type', 'pubsub')
        await until('the near tier being off', 5_000, isOff)
        await untilNear()
        await save(id, 'b')
        await reader.sweeper.fence()

        expect(await title(id)).to.equal('b')
        expect(await ears(server)).to.equal(before)
      }
    })

    it('ends with its Sweeper, and its connections with it', async () => {
      await untilNear()
      const { servers } = redisCluster.cluster
      const all = async (): Promise<readonly number[]> => Promise.all(servers.map(ears))

      expect(await all()).to.deep.equal([1, 1, 1, 1, 1, 1])
      await reader.sweeper.close()
      await until('the connections being closed', 5_000, async () =>
        (await all()).every((count) => count === 0),
      )
    })

    /** How many connections listen to a server. */
    async function ears(server: RedisServer): Promise<number> {
      const list = String(
        await redisCluster.cluster.ask(server, 'client', 'list', 'type', 'pubsub'),
      )
      return list.split('\n').filter((line) => / sub=[1-9]/.test(line)).length
    }
  },
)
