import { expect } from 'chai'
import { RedisStore } from '../../src/redis'
import { GuardedStore } from '../../src/store/guarded-store'
import { Sweeps } from '../../src/version/sweeps'
import { describeWith } from '../support/services'
import { until } from '../support/services-process'

const DAY_MS = 86_400_000
const KEYS = Array.from({ length: 50 }, (_, index) => `token ${index}`)

describeWith(['redisSentinel'], 'a failover by sentinels', ({ redisSentinel }) => {
  it('loses no sweep, of those before it and of those meanwhile, and no token is there twice (H20, H21)', async function () {
    this.timeout(40_000)
    const [primary, replica] = redisSentinel.servers
    const promoted = redisSentinel.connectTo(replica)
    const store = new GuardedStore(new RedisStore(redisSentinel.connect()), {
      readMs: 200,
      writeMs: 200,
    })
    const sweeps = new Sweeps(store, () => [])
    await until('the store', 5_000, () =>
      store.mint(KEYS, DAY_MS).then(
        () => true,
        () => false,
      ),
    )
    const { tokens: before } = await store.read(KEYS, [])
    await until(
      'the replica having all',
      5_000,
      async () => (await promoted.dbsize()) === KEYS.length,
    )
    const old = await promoted.mget(KEYS)

    // Acknowledged by a primary whose replica does not hear of them; the rest while there is no primary.
    await replica.pause()
    const [early, late] = [KEYS.slice(0, 25), KEYS.slice(25)]
    const found = await sweeps.sweepWhole(early)
    await primary.kill()
    await replica.resume()
    const undelivered: boolean[] = []
    for (const key of late) undelivered.push((await sweeps.sweepWhole([key])) === undefined)
    const distrusted = !sweeps.isTrusted
    await until('the replica being promoted', 20_000, async () =>
      (await promoted.info('replication')).includes('role:master'),
    )
    await until('all sweeps being delivered', 20_000, () => sweeps.isTrusted)
    const now = await promoted.mget(KEYS)
    const { tokens: after } = await store.read(KEYS, [])

    expect(found?.size).to.equal(early.length)
    expect(undelivered).to.include(true)
    expect(distrusted).to.equal(true)
    for (const [index, key] of KEYS.entries()) {
      expect(now[index], key).to.be.a('string').and.not.equal(old[index])
      expect(after[index]?.whole, key).to.be.a('string').and.not.equal(before[index]?.whole)
    }
    sweeps.close()
    await store.close()
  })
})
