import { expect } from 'chai'
import { MemoryStore, record, Sweeper } from '../../src/index'
import { GatedStore } from '../support/gated-store'
import { sqljs } from '../support/services'
import { Article } from '../support/zoo'
import { zooSweeper, type ZooSweeper } from '../support/zoo-sweeper'

describe('the near tier on a MemoryStore', () => {
  let zoo: ZooSweeper
  beforeEach(async () => {
    zoo = await zooSweeper(sqljs(), { near: { level: 'bounded' } })
  })
  afterEach(() => zoo.dataSource.destroy())

  const title = (id: number): Promise<string> =>
    zoo.sweeper.getOrSet({
      on: record(Article, id),
      key: 'title',
      factory: async () =>
        (await zoo.dataSource.getRepository(Article).findOneByOrFail({ id })).title,
    })

  it('serves the same promise until the record is swept', async () => {
    const { id } = await zoo.dataSource.getRepository(Article).save({ title: 'a' })
    for (let count = 0; count < 3; count++) await title(id)
    expect(title(id)).to.equal(title(id))
    await zoo.dataSource.getRepository(Article).save({ id, title: 'b' })
    expect(await title(id)).to.equal('b')
    await zoo.sweeper.fence()
    expect(await zoo.sweeper.request(() => title(id))).to.equal('b')
  })

  it('serves nothing in a transaction that has written', async () => {
    const { id } = await zoo.dataSource.getRepository(Article).save({ title: 'a' })
    for (let count = 0; count < 3; count++) await title(id)
    await zoo.dataSource.transaction(async (manager) => {
      await manager.save(Article, { id, title: 'b' })
      const read = await zoo.sweeper.getOrSet({
        on: record(Article, id),
        key: 'title',
        manager,
        factory: async () => (await manager.findOneByOrFail(Article, { id })).title,
      })
      expect(read).to.equal('b')
    })
  })

  it('loads anew what is asked for fresh', async () => {
    const { id } = await zoo.dataSource.getRepository(Article).save({ title: 'a' })
    for (let count = 0; count < 3; count++) await title(id)
    const read = await zoo.sweeper.getOrSet({
      on: record(Article, id),
      key: 'title',
      fresh: true,
      factory: () => 'fresh',
    })
    expect(read).to.equal('fresh')
  })

  it('needs a store that tells of changes, and options that make sense', () => {
    const silent = new GatedStore(new MemoryStore())
    const { dataSource } = zoo
    expect(() => new Sweeper(dataSource, { store: silent, namespace: 'x', near: true }))
      .to.throw(/near is set, and the store "memory" does not tell/)
      .with.property('code', 'SWEEPER_INVALID_OPTION')
    for (const near of [{ maxBytes: 0 }, { maxEntries: 1.5 }, { level: 'lax' as 'strict' }])
      expect(() => new Sweeper(dataSource, { near })).to.throw(/near\.\w+ .+ is not usable; give/)
  })

  it('rejects a level that does not exist', async () => {
    const read = zoo.sweeper.getOrSet({
      on: record(Article, 1),
      key: 'title',
      near: 'lax' as 'strict',
      factory: () => '',
    })
    const failure: unknown = await read.catch((error: unknown) => error)
    expect(failure).to.have.property('code', 'SWEEPER_INVALID_OPTION')
  })
})
