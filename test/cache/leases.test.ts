import { expect } from 'chai'
import { record, type Duration } from '../../src/index'
import { RedisStore } from '../../src/redis'
import { gate } from '../support/hold'
import { describeWith } from '../support/services'
import { until } from '../support/services-process'
import { Article } from '../support/zoo'
import { zooSweeper, type ZooSweeper } from '../support/zoo-sweeper'

/** Two processes' worth on one Redis. */
describeWith(['postgres', 'redis'], 'a lease', ({ postgres, redis }) => {
  let one: ZooSweeper
  let other: ZooSweeper
  let loading = gate()
  let loads: string[] = []
  let id = 0

  beforeEach(async () => {
    const options = { namespace: `${redis.namespace}:lease` }
    one = await zooSweeper(postgres.options, { ...options, store: new RedisStore(redis.connect()) })
    other = await zooSweeper(postgres.options, {
      ...options,
      store: new RedisStore(redis.connect()),
    })
    loading = gate()
    loads = []
    id = (await one.dataSource.getRepository(Article).save({ title: 'a' })).id
  })
  afterEach(async () => {
    loading.open()
    await one.dataSource.destroy()
    await other.dataSource.destroy()
  })

  function title(
    zoo: ZooSweeper,
    settings: { lease?: boolean | number; grace?: Duration } = {},
  ): Promise<string> {
    return zoo.sweeper.getOrSet({
      on: record(Article, id),
      key: 'title',
      lease: true,
      ...settings,
      factory: async () => {
        loads.push(zoo === one ? 'one' : 'other')
        await loading.passed
        return (await zoo.dataSource.getRepository(Article).findOneByOrFail({ id })).title
      },
    })
  }

  it('has one process load for 500 callers in two', async () => {
    const reads = Array.from({ length: 500 }, (_, at) => title(at % 2 === 0 ? one : other))
    await until('a load', 5_000, async () => loads.length > 0)
    loading.open()
    expect(new Set(await Promise.all(reads))).to.deep.equal(new Set(['a']))
    expect(loads).to.have.length(1)
  })

  it('is passed on when the load fails, and when it makes nothing that is stored', async () => {
    const failing = one.sweeper.getOrSet({
      on: record(Article, id),
      key: 'title',
      lease: true,
      factory: async () => {
        loads.push('failing')
        await loading.passed
        throw new Error('no title')
      },
    })
    const failure = failing.catch((error: Error) => error.message)
    await until('a load', 5_000, async () => loads.length > 0)
    const waiting = title(other)
    loading.open()
    expect(await failure).to.equal('no title')
    expect(await waiting).to.equal('a')
    expect(loads).to.deep.equal(['failing', 'other'])
  })

  it('ends with its time when its holder does not come back', async () => {
    const first = title(one, { lease: 100 })
    await until('a load', 5_000, async () => loads.length > 0)
    const second = title(other, { lease: 100 })
    await until('the other loading as well', 5_000, async () => loads.length === 2)
    loading.open()
    expect(await Promise.all([first, second])).to.deep.equal(['a', 'a'])
  })

  it('does not hold up those who saw other tokens: they load for themselves (H26b)', async () => {
    const first = title(one)
    await until('a load', 5_000, async () => loads.length > 0)
    await one.dataSource.getRepository(Article).save({ id, title: 'b' })
    const second = title(other)
    await until('the other loading too', 5_000, async () => loads.length === 2)
    loading.open()
    expect(await second).to.equal('b')
    await first
  })

  it('leaves the old value to the others within its grace', async () => {
    loading.open()
    await title(one)
    await until('the value', 5_000, async () => {
      const found = await other.sweeper.get({ on: record(Article, id), key: 'title' })
      return found !== undefined
    })
    const third = await zooSweeper(postgres.options, {
      namespace: `${redis.namespace}:lease`,
      store: new RedisStore(redis.connect()),
    })
    await third.dataSource.getRepository(Article).save({ id, title: 'b' })
    await third.dataSource.destroy()
    loading = gate()
    loads = []
    const first = title(one, { grace: '1m' })
    await until('a load', 5_000, async () => loads.length > 0)
    const graced = other.sweeper.request(() => title(other, { grace: '1m' }))
    expect(await graced).to.equal('a')
    loading.open()
    expect(await first).to.equal('b')
    expect(loads).to.deep.equal(['one'])
  })

  it('has to end', async () => {
    for (const lease of [0, -1, Infinity]) {
      const failure: unknown = await title(one, { lease }).catch((error: unknown) => error)
      expect(failure).to.have.property('message').that.includes('lease')
    }
  })
})
