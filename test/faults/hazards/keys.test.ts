import { expect } from 'chai'
import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { MemoryStore, record } from '../../../src/index'
import { RedisStore } from '../../../src/redis'
import { AppProcesses } from '../../support/app-processes'
import { describeWith, sqljs } from '../../support/services'
import { until } from '../../support/services-process'
import { Comment } from '../../support/zoo'
import { zooSweeper } from '../../support/zoo-sweeper'

/** What stands in the store, and who else uses it. The names are those of docs/consistency.md. */
describeWith(['postgres', 'redis'], 'hazards of what is stored', (services) => {
  const { postgres, redis } = services
  let processes: AppProcesses

  beforeEach(() => {
    processes = new AppProcesses(services)
  })
  afterEach(() => processes.stop())

  it('H28 keys', async () => {
    const app = await processes.start()
    const { id } = await app.aComment()
    const alike: readonly (readonly unknown[])[] = [
      [],
      [''],
      ['a:b'],
      ['a', 'b'],
      ['a,b'],
      [['a', 'b']],
      [1],
      ['1'],
      [true],
      ['true'],
      [null],
      ['null'],
      ['a\r\nb\0'],
      ['__proto__'],
      [{ ['__proto__']: 'x' }],
      ['x'.repeat(10_000_000)],
      ['x'.repeat(10_000_001)],
    ]
    const read = (vary: readonly unknown[], value: () => number): Promise<number> =>
      app.filled(
        app.sweeper.getOrSet({ on: record(Comment, id), key: 'text', vary, factory: value }),
      )

    for (const [index, vary] of alike.entries()) await read(vary, () => index)
    const found: number[] = []
    for (const vary of alike) found.push(await read(vary, () => -1))

    expect(found).to.deep.equal(alike.map((_, index) => index))
    expect((await processes.keys('e')).every((key) => /^[!-~]{1,240}$/.test(key))).to.equal(true)
  })

  it('H29 tenants', async () => {
    const store = new RedisStore(redis.connect())
    const namespace = `${redis.namespace}-${randomBytes(4).toString('hex')}`
    const tenants = []
    for (const tenant of ['a', 'b']) {
      const url = await postgres.createDatabase()
      const options = { store, namespace: `${namespace}.${tenant}` }
      tenants.push(await zooSweeper({ ...postgres.options, url }, options))
    }
    for (const { dataSource } of tenants) await dataSource.getRepository(Comment).save({})
    const texts: unknown[] = []
    for (const [tenant, { sweeper }] of tenants.entries()) {
      const asked = { on: record(Comment, 1), key: 'text' }
      texts.push(await sweeper.getOrSet({ ...asked, factory: () => `of ${tenant}` }))
      await until('the fill', 5_000, async () => (await sweeper.get(asked)) !== undefined)
    }

    // The same row number, name and store.
    expect(texts).to.deep.equal(['of 0', 'of 1'])
    const third = zooSweeper(postgres.options, { store, namespace: `${namespace}.a` })
    expect(await third.catch((error: unknown) => error)).to.have.property(
      'code',
      'SWEEPER_NAMESPACE',
    )
    for (const { dataSource } of tenants) await dataSource.destroy()
  })

  it('H32 deploys: an entry of a newer release', async () => {
    const app = await processes.start()
    const { id } = await app.aComment()
    await app.untilCached(id)
    const [key = ''] = await processes.keys('e')
    const entry = (await processes.client.getBuffer(key)) ?? Buffer.alloc(1)
    entry.writeUInt8(entry.readUInt8(0) + 1, 0)
    await processes.client.set(key, entry)

    expect(await app.cachedText(id)).to.equal(undefined)
    expect(await app.readText(id, () => Promise.resolve('made'))).to.equal('made')
  })

  it('H32 deploys: a token of a newer release', async () => {
    const app = await processes.start()
    const { id } = await app.aComment()
    await app.untilCached(id)
    const [key = ''] = await processes.keys('t')
    await processes.client.set(key, 'v2:7')

    expect(await app.cachedText(id)).to.equal(undefined)
    expect(await app.untilCached(id)).to.equal('x')
  })
})

describe('hazards of what is stored in memory', () => {
  it('H33 MemoryStore with several processes', async () => {
    const module = join(__dirname, '../../../src/store/memory-store.js')
    const script = 'const { MemoryStore } = require(process.argv[1]); new MemoryStore()'
    const { stderr } = spawnSync(process.execPath, ['-e', script, module], {
      env: { WEB_CONCURRENCY: '2' },
      encoding: 'utf8',
    })

    // Each sweeps only itself, which no rule can change: it warns where it can tell.
    expect(stderr).to.include('SWEEPER_MEMORY_STORE_SHARED')
  })

  it('H29 tenants: in memory', async () => {
    const store = new MemoryStore()
    const one = await zooSweeper(sqljs(), { store, namespace: 'tenant' })

    const second = await zooSweeper(sqljs(), { store, namespace: 'tenant' }).catch(
      (error: unknown) => error,
    )

    expect(second).to.have.property('code', 'SWEEPER_NAMESPACE')
    await one.dataSource.destroy()
  })
})
