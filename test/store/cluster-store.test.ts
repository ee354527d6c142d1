import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'chai'
import { Cluster, Redis } from 'ioredis'
import type { Cluster as Cluster5 } from 'ioredis-5'
import { Keyspace } from '../../src/core/keyspace'
import { slotOfKey } from '../../src/store/cluster-slots'
import { ClusterStore } from '../../src/store/cluster-store'
import type { RedisClusterClient } from '../../src/store/cluster-client'
import type { EntryWrite } from '../../src/store/store'
import { itBehavesLikeAStore } from '../../src/store-contract'
import { randomFrom } from '../support/random'
import { recordRedisCommands } from '../support/recorders/record-redis-commands'
import { describeWith } from '../support/services'
import { until } from '../support/services-process'
import { AroundStore } from '../support/stores'

const DAY_MS = 86_400_000
const TYPE = 'public.comment'

/** Puts every key under a hash tag of its own: those of the contract's cases share one. */
class ScatteredStore extends AroundStore {
  override keyOf(key: string): string {
    return `{${key.length} ${key.slice(-2)}}${key}`
  }

  override read(tokenKeys: readonly string[], entryKeys: readonly string[]) {
    return super.read(
      tokenKeys,
      entryKeys.map((key) => this.keyOf(key)),
    )
  }

  override write(entries: readonly EntryWrite[]) {
    return super.write(entries.map((entry) => ({ ...entry, key: this.keyOf(entry.key) })))
  }

  override remove(entryKeys: readonly string[]) {
    return super.remove(entryKeys.map((key) => this.keyOf(key)))
  }

  around<T>(_operation: string, call: () => Promise<T>): Promise<T> {
    return call()
  }
}

describeWith(['redisCluster'], 'ClusterStore', ({ redisCluster }) => {
  let client: Cluster
  let fifth: Cluster5

  before(() => {
    client = redisCluster.connect()
    fifth = redisCluster.connectFifth({ lazyConnect: true, scaleReads: 'all' })
  })

  itBehavesLikeAStore('on ioredis 6', () => new ClusterStore(client))
  itBehavesLikeAStore(
    'on ioredis 5, with keys all over the cluster',
    () => new ScatteredStore(new ClusterStore(fifth)),
  )

  it('knows the slots as the servers do', async () => {
    const random = randomFrom(8)
    const letters = 'a{}:}{ä鍵🔑1'
    const [server] = redisCluster.cluster.servers
    if (server === undefined) throw new Error('no server')
    for (let round = 0; round < 300; round++) {
      const key = Array.from(
        { length: round % 12 },
        () => letters[Math.floor(random() * letters.length)] ?? '',
      ).join('')
      const slot = await redisCluster.cluster.ask(server, 'cluster', 'keyslot', key)

      expect(slotOfKey(key), JSON.stringify(key)).to.equal(slot)
    }
  })

  describe('as a Sweeper asks it', () => {
    let store: ClusterStore
    let keys: Keyspace
    let sentBy: ReadonlyMap<Redis, readonly string[]>
    let reset: () => void

    before(async () => {
      store = new ClusterStore(client)
      keys = new Keyspace('blog', store.hashTags)
      await until('all primaries being reached', 5_000, async () => {
        await store.sweep([{ key: keys.type('public.any'), row: true }])
        return store.clock() !== undefined
      })
      const recorders = client
        .nodes('master')
        .map((node) => ({ node, recorder: recordRedisCommands(node) }))
      sentBy = new Map(recorders.map(({ node, recorder }) => [node, recorder.commands]))
      reset = () => {
        for (const { recorder } of recorders) recorder.reset()
      }
    })

    after(() => store.close())
    beforeEach(async () => {
      await redisCluster.cluster.flush()
      reset()
    })

    const all = (): readonly string[] => [...sentBy.values()].flat()
    const page = Array.from({ length: 50 }, (_, index) => {
      const id = String(index)
      return { id, tag: Keyspace.recordTag(TYPE, id) }
    })
    const tokensOf = ({ id, tag }: { id: string; tag: string }): readonly string[] => [
      keys.record(TYPE, id),
      ...keys.typesBeside(tag, TYPE),
    ]
    const entryOf = ({ tag }: { tag: string }): string => keys.entry([tag], 'card', [])

    it('reads a value with its tokens by one MGET', async () => {
      const [one = { id: '', tag: '' }] = page
      await store.read(tokensOf(one), [entryOf(one)])

      expect(all().filter((command) => command !== 'info')).to.deep.equal(['mget'])
    })

    it('reads a page from all primaries at once, with one MGET per slot', async () => {
      const tokens = [...new Set(page.flatMap(tokensOf))]
      const entries = page.map(entryOf)
      const slots = new Set([...tokens, ...entries].map(slotOfKey))
      const reading = store.read(tokens, entries)
      await new Promise((resolve) => process.nextTick(resolve))
      const sentInTheFirstTick = all().filter((command) => command === 'mget').length
      const reply = await reading

      expect(sentInTheFirstTick).to.equal(slots.size).and.to.be.below(page.length)
      expect([...sentBy.values()].every((commands) => commands.includes('mget'))).to.equal(true)
      expect(reply.tokens).to.have.length(tokens.length)
      expect(reply.entries).to.have.length(entries.length)
    })

    it('answers in the order asked for, from wherever it is', async () => {
      const tokens = page.map(({ id }) => keys.record(TYPE, id))
      const minted = await store.mint(tokens, DAY_MS)
      await store.write(
        page.map((one) => ({
          key: entryOf(one),
          value: Buffer.from(one.id),
          lifeMs: DAY_MS,
          tokenKeys: [],
        })),
      )
      const { tokens: read, entries } = await store.read(tokens.toReversed(), page.map(entryOf))

      expect(read).to.deep.equal([...minted].toReversed())
      expect(entries.map(String)).to.deep.equal(page.map(({ id }) => id))
      expect(new Set(minted.map(({ whole }) => whole)).size).to.be.above(1)
    })

    it('sweeps any number of records with at most a script per hash tag', async () => {
      const sweeps = Array.from({ length: 5_000 }, (_, index) => ({
        key: keys.record(TYPE, String(index)),
        row: true,
      }))
      await store.sweep(sweeps)

      expect(all().filter((command) => command === 'evalsha')).to.have.length(store.hashTags.length)
    })

    it('sweeps every copy of a type’s token, and answers what stood for them', async () => {
      const copies = [...new Set(page.flatMap(({ tag }) => keys.typesBeside(tag, TYPE)))]
      const before = await store.mint(copies, DAY_MS)
      const [standing] = await store.mint([keys.type(TYPE)], DAY_MS)
      const found = await store.sweep([
        { key: keys.record(TYPE, '1'), row: true },
        { key: keys.type(TYPE), row: true },
      ])
      const after = (await store.read(copies, [])).tokens
      const [now] = (await store.read([keys.type(TYPE)], [])).tokens

      expect(found).to.deep.equal([undefined, standing])
      expect(now?.whole).to.be.a('string').and.not.equal(standing?.whole)
      for (const [index, state] of after.entries())
        expect(state?.whole).to.be.a('string').and.not.equal(before[index]?.whole)
    })

    it('marks every copy of a type’s token, and takes the marks away', async () => {
      const copies = [...new Set(page.flatMap(({ tag }) => keys.typesBeside(tag, TYPE)))]
      const before = await store.mint(copies, DAY_MS)
      await store.mark([keys.type(TYPE)], 'w', 5_000)
      const marked = (await store.read(copies, [])).tokens
      await store.unmark([keys.type(TYPE)], 'w')

      expect(marked.every((state) => state?.marked)).to.equal(true)
      expect((await store.read(copies, [])).tokens).to.deep.equal(before)
    })

    it('keeps the tokens of entries that live for days, wherever they are', async () => {
      const tokens = page.map(({ id }) => keys.record(TYPE, id))
      const minted = await store.mint(tokens, 150)
      await store.write([
        { key: entryOf({ tag: 'a:1' }), value: Buffer.of(1), lifeMs: DAY_MS, tokenKeys: tokens },
      ])
      await new Promise((resolve) => setTimeout(resolve, 200))

      expect((await store.read(tokens, [])).tokens).to.deep.equal(minted)
    })

    it('waits for replicas where it is told to', async () => {
      const waiting = new ClusterStore(client, { wait: { replicas: 1, ms: 2_000 } })
      const asking = new ClusterStore(client, { wait: { replicas: 2, ms: 50 } })
      const key = keys.record(TYPE, '1')
      await store.mint([key], DAY_MS)
      const [found] = await waiting.sweep([{ key, row: true }])
      const error = await asking.sweep([{ key, row: true }]).catch((caught: unknown) => caught)
      await Promise.all([waiting.close(), asking.close()])

      expect(found).not.to.equal(undefined)
      // There is one replica of each.
      expect(error).to.include({ reason: 'not-replicated' })
    })
  })
})

describeWith(['redisCluster'], 'the smallest access list of a cluster', ({ redisCluster }) => {
  let client: Cluster
  let keys: Keyspace

  before(async () => {
    for (const server of redisCluster.cluster.servers)
      await redisCluster.cluster.ask(server, 'acl', ...(await rightsInDocs()))
    client = redisCluster.connectAs('app', 'secret')
    keys = new Keyspace('blog', new ClusterStore(client).hashTags)
  })

  after(async () => {
    for (const server of redisCluster.cluster.servers)
      await redisCluster.cluster.ask(server, 'acl', 'deluser', 'app')
  })

  itBehavesLikeAStore('as docs/stores.md has it', () => new ClusterStore(client), {
    namespace: () => 'blog',
  })

  it('is enough to sweep a type, and to hear of the writes of others', async () => {
    const store = new ClusterStore(client)
    const heard: string[] = []
    const push = store.listen('blog', {
      moved: (moved) => heard.push(...moved),
      listening: () => heard.push('listening'),
      deaf: () => undefined,
    })
    await until('hearing', 5_000, () => heard.includes('listening'))
    const other = new ClusterStore(client)
    await other.mark([keys.type(TYPE)], 'w', 5_000)
    await other.sweep([{ key: keys.type(TYPE), row: true }], 'w')
    await push.fence()
    push.close()
    await Promise.all([store.close(), other.close()])

    expect(heard).to.have.length(1 + 2 * store.hashTags.length)
  })

  it('is enough to follow a slot on its way', async () => {
    const key = keys.record(TYPE, '1')
    const store = new ClusterStore(client)
    const [before] = await store.mint([key], DAY_MS)
    const from = await redisCluster.cluster.primaryOf(key)
    const to = (await redisCluster.cluster.primaries()).find((one) => one !== from)
    if (to === undefined) throw new Error('one primary only')
    await redisCluster.cluster.moveSlot(slotOfKey(key), to, async () => {
      await store.sweep([{ key, row: true }])
    })
    const [after] = (await store.read([key], [])).tokens
    await store.close()
    await redisCluster.cluster.moveSlot(slotOfKey(key), from)

    expect(after?.whole).to.be.a('string').and.not.equal(before?.whole)
  })

  it('lets nobody at other keys', async () => {
    const store = new ClusterStore(client)
    const refused = await store.read(['other'], []).catch((error: unknown) => error)
    await store.close()

    expect(refused).to.include({ reason: 'NOPERM' })
  })

  /** What is said of one server, and in the sentence on clusters. The keys of the contract begin with a brace. */
  async function rightsInDocs(): Promise<readonly string[]> {
    const docs = await readFile(join(__dirname, '../../../docs/stores.md'), 'utf8')
    const rules = /ACL (SETUSER[^`]+)/.exec(docs)?.[1] ?? ''
    const ofClusters = /^In a cluster, (.+)$/m.exec(docs)?.[1] ?? ''
    const rights = [...ofClusters.matchAll(/`([^`]+)`/g)].map(([, right]) => right ?? '')
    return `${rules} ~{blog* ${rights.filter((right) => right.startsWith('+')).join(' ')}`
      .trim()
      .split(/\s+/)
  }
})

describe('ClusterStore given what it cannot use', () => {
  it('refuses what is no Cluster', () => {
    // What JavaScript lets pass.
    const redis: unknown = new Redis({ lazyConnect: true })

    expect(() => new ClusterStore(redis as RedisClusterClient)).to.throw(
      /^ClusterStore: the client is no Cluster; give a Cluster of ioredis 5 or 6/,
    )
  })

  it('refuses a prefix that would not reach the servers', () => {
    const cluster = new Cluster([{ host: '127.0.0.1', port: 1 }], {
      lazyConnect: true,
      redisOptions: { keyPrefix: 'app:' },
    })

    expect(() => new ClusterStore(cluster)).to.throw(
      /^ClusterStore: the client has the keyPrefix "app:"/,
    )
  })
})
