import { expect } from 'chai'
import type { Cluster } from 'ioredis'
import { Keyspace } from '../../src/core/keyspace'
import { slotOfKey } from '../../src/store/cluster-slots'
import { ClusterStore } from '../../src/store/cluster-store'
import { GuardedStore } from '../../src/store/guarded-store'
import type { TokenState } from '../../src/store/token'
import { Sweeps } from '../../src/version/sweeps'
import { describeWith } from '../support/services'
import { until } from '../support/services-process'
import type { RedisServer } from '../support/services-redis-server'

const DAY_MS = 86_400_000
const TYPE = 'public.comment'

describeWith(['redisCluster'], 'a cluster that changes', ({ redisCluster }) => {
  let client: Cluster
  let store: ClusterStore
  let keys: Keyspace

  beforeEach(async () => {
    await redisCluster.cluster.failsSoon()
    client = redisCluster.connect()
    store = new ClusterStore(client)
    keys = new Keyspace('blog', store.hashTags)
    await store.read([key(0)], [])
  })

  afterEach(async function () {
    this.timeout(40_000)
    await store.close()
    client.disconnect()
    await redisCluster.cluster.healed()
    await redisCluster.cluster.flush()
  })

  const key = (id: number): string => keys.record(TYPE, String(id))
  const token = async (one: string): Promise<TokenState | undefined> =>
    (await store.read([one], [])).tokens[0]
  /** Records of one slot. */
  const inSlotOf = (one: string, count: number): readonly string[] =>
    Array.from({ length: count * 200 }, (_, id) => key(id))
      .filter((other) => slotOfKey(other) === slotOfKey(one))
      .slice(0, count)
  /** One record on each primary. */
  const onEach = async (): Promise<readonly string[]> => {
    const found = new Map<RedisServer, string>()
    for (let id = 0; found.size < 3; id++) {
      const server = await redisCluster.cluster.primaryOf(key(id))
      if (!found.has(server)) found.set(server, key(id))
    }
    return [...found.values()]
  }
  const raw = (server: RedisServer, one: string): Promise<unknown> =>
    redisCluster.cluster.ask(server, 'get', one)

  /** Sweeps and reads without pause: each sweep has to be seen by the next read. Answers how many it was. */
  const underLoad = async (
    those: readonly string[],
    work: () => Promise<void>,
  ): Promise<number> => {
    let isOver = false
    let rounds = 0
    const load = async (): Promise<void> => {
      const seen = new Set<string>()
      while (!isOver) {
        const before = await store.mint(those, DAY_MS)
        await store.sweep(those.map((one) => ({ key: one, row: true })))
        const { tokens } = await store.read(those, [])
        for (const [index, state] of tokens.entries()) {
          expect(state?.whole, those[index]).to.be.a('string')
          expect(state?.whole).not.to.equal(before[index]?.whole)
          expect(seen.has(state?.whole ?? ''), 'a token was there before').to.equal(false)
          seen.add(before[index]?.whole ?? '')
        }
        rounds++
      }
    }
    const loading = load()
    try {
      await work()
    } finally {
      isOver = true
      await loading
    }
    return rounds
  }

  it('is followed while a slot is on its way, each key where it is', async () => {
    const those = inSlotOf(key(0), 20)
    const slot = slotOfKey(key(0))
    const from = await redisCluster.cluster.primaryOf(key(0))
    const to = (await redisCluster.cluster.primaries()).find((one) => one !== from)
    if (to === undefined) throw new Error('one primary only')
    await store.mint(those, DAY_MS)
    let rounds = 0
    const during = async (): Promise<void> => {
      rounds = await underLoad(those, () => new Promise((resolve) => setTimeout(resolve, 300)))
      // A record that nobody has cached: it is made where the slot is going.
      const made = inSlotOf(key(0), 21).at(-1) ?? ''
      await store.mint([made], DAY_MS)
      await store.write([
        { key: `${made}@card`, value: Buffer.from('value'), lifeMs: DAY_MS, tokenKeys: [] },
      ])

      expect((await store.read([made], [`${made}@card`])).entries.map(String)).to.deep.equal([
        'value',
      ])
      expect(await redisCluster.cluster.ask(from, 'cluster', 'countkeysinslot', slot)).to.equal(10)
    }
    await underLoad(those, () => redisCluster.cluster.moveSlot(slot, to, during))

    expect(rounds).to.be.above(0)
    expect(await redisCluster.cluster.primaryOf(key(0))).to.equal(to)
    await underLoad(those, () => redisCluster.cluster.moveSlot(slot, from))
  })

  it('is followed to a server that has no slot yet', async () => {
    const slot = slotOfKey(key(0))
    const from = await redisCluster.cluster.primaryOf(key(0))
    const those = inSlotOf(key(0), 4)
    await store.mint(those, DAY_MS)
    await redisCluster.cluster.withNewcomer(async (newcomer) => {
      let rounds = 0
      await redisCluster.cluster.moveSlot(slot, newcomer, async () => {
        rounds = await underLoad(those, () => new Promise((resolve) => setTimeout(resolve, 200)))
      })
      await underLoad(those, () => redisCluster.cluster.moveSlot(slot, from))

      expect(rounds).to.be.above(0)
    })
  })

  it('loses what a dead primary has, and nothing else, until its replica has taken over', async () => {
    const [lost = '', ...others] = await onEach()
    const before = await store.mint([lost, ...others], DAY_MS)
    const dead = await redisCluster.cluster.primaryOf(lost)
    let connections = 0
    store.onConnected(() => connections++)
    await dead.kill()
    await until(
      'the loss being seen',
      5_000,
      async () => (await partOf(lost, others)) === undefined,
    )
    const { tokens } = await store.read([lost, ...others], [])
    const alone = await store.read([lost], []).catch((caught: unknown) => caught)
    const swept = await store.sweep([{ key: lost, row: true }]).catch((caught: unknown) => caught)

    expect(tokens).to.deep.equal([undefined, ...before.slice(1)])
    expect(alone).to.include({ code: 'SWEEPER_STORE_UNAVAILABLE' })
    expect(swept).to.include({ code: 'SWEEPER_STORE_UNAVAILABLE' })
    await until(
      'the replica taking over',
      15_000,
      async () => (await partOf(lost, others)) !== undefined,
    )
    const after = await token(lost)

    // What it had heard of, in another life.
    expect(after?.whole.split(' ')[1]).to.equal(before[0]?.whole.split(' ')[1])
    expect(after?.whole).not.to.equal(before[0]?.whole)
    expect(connections).to.be.above(0)
    await dead.restart()
  })

  it('is told again of sweeps that a dead primary alone had heard of (H21)', async () => {
    const sweeps = new Sweeps(new GuardedStore(store, { readMs: 1_000, writeMs: 1_000 }), () => [])
    const one = key(0)
    await store.mint([one], DAY_MS)
    const dead = await redisCluster.cluster.primaryOf(one)
    const replica = await redisCluster.cluster.replicaOf(one)
    const old = await raw(dead, one)
    await until('the replica having the token', 5_000, async () => {
      await redisCluster.cluster.ask(replica, 'readonly')
      return (await raw(replica, one)) === old
    })
    await replica.pause()
    const found = await sweeps.sweepWhole([one])
    await dead.kill()
    await replica.resume()
    await until('the replica taking over', 15_000, async () =>
      String(await redisCluster.cluster.ask(replica, 'role')).startsWith('master'),
    )
    await until('the sweep being sent again', 15_000, async () => (await raw(replica, one)) !== old)

    expect(found?.get(one)).not.to.equal(undefined)
    expect(sweeps.isTrusted).to.equal(true)
    sweeps.close()
    await dead.restart()
  })

  it('has other tokens where a primary is one again, connected as it was (H20)', async () => {
    const one = key(0)
    const first = await redisCluster.cluster.primaryOf(one)
    const second = await redisCluster.cluster.replicaOf(one)
    const [before] = await store.mint([one], DAY_MS)
    await redisCluster.cluster.promote(second)
    await redisCluster.cluster.promote(first)
    // The read that finds out is refused.
    const after = await token(one).catch(() => token(one))

    expect(after?.whole).to.be.a('string').and.not.equal(before?.whole)
  })

  /** The token of the first, read beside others that are there. */
  async function partOf(one: string, others: readonly string[]): Promise<TokenState | undefined> {
    const { tokens } = await store.read([one, ...others], [])
    expect(tokens.slice(1).every((state) => state !== undefined)).to.equal(true)
    return tokens[0]
  }
})
