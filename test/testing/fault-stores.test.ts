import { expect } from 'chai'
import { MemoryStore, record, StoreUnavailableError, type Store } from '../../src/index'
import {
  ForgettingStore,
  GatedStore,
  HangingStore,
  SlowStore,
  ThrowingStore,
} from '../../src/testing'
import { sqljs } from '../support/services'
import { until } from '../support/until'
import { Article } from '../support/zoo'
import { zooSweeper, type ZooSweeper } from '../support/zoo-sweeper'

const ENTRY = { key: 'e', value: Buffer.from('x'), lifeMs: 1000, tokenKeys: ['t'] }

describe('the fault stores', () => {
  let inner: MemoryStore
  let zoo: ZooSweeper | undefined

  beforeEach(() => {
    inner = new MemoryStore()
  })

  afterEach(async () => {
    await zoo?.dataSource.destroy()
    zoo = undefined
    await inner.close()
  })

  /** How often the factory of one value runs in `reads` reads in a row, each after the fill before it has ended. */
  async function loadsIn(store: Store, between: () => Promise<unknown>): Promise<number> {
    zoo = await zooSweeper(sqljs(), { store, namespace: 'faults' })
    const { sweeper } = zoo
    let loads = 0
    const read = (): Promise<number> =>
      sweeper.getOrSet({ on: record(Article, 1), key: 'page', factory: () => ++loads })
    await read()
    await between()
    await read()
    return loads
  }

  it('lose tokens: what was stored under them is a miss', async () => {
    const store = new ForgettingStore(inner)
    const filled = (): Promise<boolean> =>
      zoo?.sweeper
        .get({ on: record(Article, 1), key: 'page' })
        .then((value) => value !== undefined) ?? Promise.resolve(false)

    expect(
      await loadsIn(store, async () => {
        await until(filled)
        store.forgetAll()
      }),
    ).to.equal(2)
  })

  it('delay a fill until it is let go', async () => {
    const store = new GatedStore(inner)
    const fill = store.hold('write')

    expect(await loadsIn(store, () => fill.reached)).to.equal(2)
    fill.release()
    await store.idle()
  })

  it('answer late what they are told to', async () => {
    const store = new SlowStore(inner, 20)
    store.delaying = new Set(['write'])
    const order: string[] = []

    await Promise.all([
      store.write([ENTRY]).then(() => order.push('write')),
      store.read(['t'], ['e']).then(() => order.push('read')),
    ])

    expect(order).to.deep.equal(['read', 'write'])
  })

  it('fail on purpose, and nothing gets through', async () => {
    const store = new ThrowingStore(inner)
    store.failing = new Set(['write'])

    const error: unknown = await store.write([ENTRY]).catch((failure: unknown) => failure)

    expect(error).to.be.instanceOf(StoreUnavailableError)
    expect((await store.read([], ['e'])).entries).to.deep.equal([undefined])
  })

  it('hang until they are released', async () => {
    const store = new HangingStore(inner)
    const written = store.write([ENTRY])
    expect(store.held).to.equal(1)
    expect((await inner.read([], ['e'])).entries).to.deep.equal([undefined])

    store.release()
    await written

    expect((await inner.read([], ['e'])).entries).to.deep.equal([ENTRY.value])
  })
})
