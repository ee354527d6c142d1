import { expect } from 'chai'
import { MemoryStore, record, type Duration, type HitEvent } from '../../src/index'
import { GatedStore } from '../support/gated-store'
import { gate } from '../support/hold'
import { describeWith } from '../support/services'
import { until } from '../support/services-process'
import { Article } from '../support/zoo'
import { zooSweeper, type ZooSweeper } from '../support/zoo-sweeper'

/** One process writes, another one reads; both on one store. */
describeWith(['postgres'], 'grace', ({ postgres }) => {
  let reader: ZooSweeper
  let writer: ZooSweeper
  let readerStore: GatedStore
  let id: number
  let loads = 0
  let loading = gate()

  beforeEach(async () => {
    const memory = new MemoryStore()
    readerStore = new GatedStore(memory)
    reader = await zooSweeper(postgres.options, { store: readerStore, namespace: 'x' })
    writer = await zooSweeper(postgres.options, { store: new GatedStore(memory), namespace: 'x' })
    id = (await writer.dataSource.getRepository(Article).save({ title: 'a' })).id
    loads = 0
    loading = gate()
    loading.open()
    expect(await title()).to.equal('a')
    await readerStore.idle()
  })
  afterEach(async () => {
    loading.open()
    await reader.dataSource.destroy()
    await writer.dataSource.destroy()
  })

  function title(grace: Duration = '1m'): Promise<string> {
    return reader.sweeper.getOrSet({
      on: record(Article, id),
      key: 'title',
      grace,
      factory: async () => {
        loads++
        await loading.passed
        return (await reader.dataSource.getRepository(Article).findOneByOrFail({ id })).title
      },
    })
  }

  /** A load begins that does not end before `loading` is opened. */
  function beginLoad(): Promise<string> {
    loading = gate()
    return title()
  }

  it('gives the old value to all but the one who loads the new one', async () => {
    const hits: HitEvent[] = []
    reader.sweeper.on('hit', (hit) => hits.push(hit))
    await writer.dataSource.getRepository(Article).save({ id, title: 'b' })
    const first = beginLoad()
    await until('the load having begun', 5_000, async () => loads === 2)
    // In a request: what a process did to make its tables counts as written by whoever is in none.
    await reader.sweeper.request(async () => {
      expect(await Promise.all([title(), title()])).to.deep.equal(['a', 'a'])
    })
    loading.open()
    expect(await first).to.equal('b')
    expect(loads).to.equal(2)
    expect(hits.map(({ staleForMs }) => staleForMs !== undefined)).to.deep.equal([true, true])
  })

  it('ends: what was swept longer ago is waited for', async () => {
    await writer.dataSource.getRepository(Article).save({ id, title: 'b' })
    const sweptAtMs = Date.now()
    await until('30 milliseconds passing', 5_000, async () => Date.now() > sweptAtMs + 30)
    const first = beginLoad()
    await until('the load having begun', 5_000, async () => loads === 2)
    const second = reader.sweeper.request(() => title(20))
    const third = reader.sweeper.request(() => title('1m'))
    expect(await third).to.equal('a')
    loading.open()
    expect(await Promise.all([first, second])).to.deep.equal(['b', 'b'])
  })

  it('is not for the process that wrote (H27)', async () => {
    await reader.dataSource.getRepository(Article).save({ id, title: 'b' })
    loading = gate()
    const reads = [title(), title()]
    await until('the load', 5_000, async () => loads > 1)
    reads.push(title())
    loading.open()
    expect(await Promise.all(reads)).to.deep.equal(['b', 'b', 'b'])
  })

  it('is, in that process, for requests that did not write', async () => {
    let mine: Promise<string> = Promise.resolve('')
    await reader.sweeper.request(async () => {
      await reader.dataSource.getRepository(Article).save({ id, title: 'b' })
      loading = gate()
      mine = title()
    })
    await until('the load', 5_000, async () => loads === 2)
    expect(await reader.sweeper.request(() => title())).to.equal('a')
    loading.open()
    expect(await mine).to.equal('b')
  })

  it('never makes a part of a value that is stored', async () => {
    await writer.dataSource.getRepository(Article).save({ id, title: 'b' })
    const first = beginLoad()
    await until('the load having begun', 5_000, async () => loads === 2)
    const page = reader.sweeper.getOrSet({
      on: record(Article, id),
      key: 'page',
      factory: (partOf) =>
        reader.sweeper.getOrSet({
          on: record(Article, id),
          key: 'title',
          grace: '1m',
          partOf,
          factory: () => 'never called',
        }),
    })
    loading.open()
    expect(await page).to.equal('b')
    await first
  })
})
