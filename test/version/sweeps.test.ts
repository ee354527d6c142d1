import { expect } from 'chai'
import { MemoryStore } from '../../src/index'
import { Sweeps } from '../../src/version/sweeps'
import { AroundStore, CountingStore, ThrowingStore } from '../support/stores'

const MINUTE_MS = 60_000

/** Tells of another connection when the test says so, as a store on a server does. */
class ReconnectingStore extends AroundStore {
  readonly listeners = new Set<() => void>()

  override onConnected(listener: () => void): () => void {
    this.listeners.add(listener)
    return () => void this.listeners.delete(listener)
  }

  reconnect(): void {
    for (const listener of this.listeners) listener()
  }

  around<T>(_: unknown, call: () => Promise<T>): Promise<T> {
    return call()
  }
}

describe('the write side of tokens', () => {
  let memory: MemoryStore
  let failing: ThrowingStore
  let store: CountingStore
  let sweeps: Sweeps

  beforeEach(() => {
    memory = new MemoryStore()
    failing = new ThrowingStore(memory)
    failing.failing = new Set()
    store = new CountingStore(failing)
    sweeps = new Sweeps(store, () => ['type'])
  })
  afterEach(() => sweeps.close())

  const wholeOf = async (key: string): Promise<string | undefined> =>
    (await memory.read([key], [])).tokens[0]?.whole

  it('says what a mark found under each key', async () => {
    const [there] = await memory.mint(['a'], MINUTE_MS)

    const found = await sweeps.mark(['a', 'missing'], 'writer', MINUTE_MS)

    expect([...found]).to.deep.equal([
      ['a', there],
      ['missing', undefined],
    ])
  })

  it('rejects a mark and its end as the store does', async () => {
    failing.failing = new Set(['mark', 'unmark'])

    const marked = await sweeps.mark(['a'], 'writer', MINUTE_MS).catch((error: unknown) => error)
    const ended = await sweeps.unmark(['a'], 'writer').catch((error: unknown) => error)

    expect(marked).to.include({ code: 'SWEEPER_STORE_UNAVAILABLE' })
    expect(ended).to.include({ code: 'SWEEPER_STORE_UNAVAILABLE' })
  })

  it('says what a sweep found, and takes the marks of its owner away', async () => {
    const [before] = await memory.mint(['a'], MINUTE_MS)
    await sweeps.mark(['a'], 'writer', MINUTE_MS)

    const found = await sweeps.sweep([{ key: 'a', row: true }], 'writer')

    expect(found?.get('a')).to.include({ marked: true, whole: before?.whole })
    expect((await memory.read(['a'], [])).tokens[0]?.marked).to.equal(false)
    expect(await wholeOf('a')).not.to.equal(before?.whole)
  })

  it('moves both halves in a whole sweep, and only what it names', async () => {
    const [a, b] = await memory.mint(['a', 'b'], MINUTE_MS)

    await sweeps.sweepWhole(['a'])

    const after = (await memory.read(['a', 'b'], [])).tokens
    expect(after[0]?.row).not.to.equal(a?.row)
    expect(after[0]?.whole).not.to.equal(a?.whole)
    expect(after[1]).to.deep.equal(b)
  })

  it('asks the store for nothing where there is nothing', async () => {
    expect(await sweeps.sweep([], 'writer')).to.deep.equal(new Map())
    expect(await sweeps.pinTypes([])).to.deep.equal(new Map())
    expect(await sweeps.currentTypes([])).to.deep.equal(new Map())
    expect(store.total).to.equal(0)
  })

  it('makes the tokens of types that it pins, and only looks at current ones', async () => {
    const current = await sweeps.currentTypes(['type'])
    const pinned = await sweeps.pinTypes(['type'])

    expect([...(current ?? [])]).to.deep.equal([['type', undefined]])
    expect(pinned?.get('type')).to.include({ whole: await wholeOf('type') })
    expect((await sweeps.currentTypes(['type']))?.get('type')).to.deep.equal(pinned?.get('type'))
  })

  it('knows nothing of types while the store does not answer', async () => {
    failing.failing = new Set(['read', 'mint'])

    expect(await sweeps.pinTypes(['type'])).to.equal(undefined)
    expect(await sweeps.currentTypes(['type'])).to.equal(undefined)
  })

  it('passes on what is no failure of a store', async () => {
    class Broken extends CountingStore {
      override mint(): never {
        throw new TypeError('broken')
      }
    }
    const broken = new Sweeps(new Broken(memory), () => [])

    const error = await broken.pinTypes(['type']).catch((failure: unknown) => failure)
    broken.close()

    expect(error).to.be.instanceOf(TypeError)
  })

  it('keeps a sweep that is not acknowledged, and trusts the store again when it is', async () => {
    const [before] = await memory.mint(['a'], MINUTE_MS)
    failing.failing = new Set(['sweep'])

    const found = await sweeps.sweep([{ key: 'a', row: true }], undefined)
    const [trusted, pending] = [sweeps.isTrusted, sweeps.pending]
    failing.failing = new Set()

    expect([found, trusted, pending]).to.deep.equal([undefined, false, 1])
    expect(await sweeps.deliverWithin(5_000)).to.equal(true)
    expect([sweeps.isTrusted, sweeps.pending]).to.deep.equal([true, 0])
    expect(await wholeOf('a')).not.to.equal(before?.whole)
  })

  it('says that nothing is left where nothing was', async () => {
    expect(await sweeps.deliverWithin(0)).to.equal(true)
    expect(store.total).to.equal(0)
  })

  it('gives up delivering when the time is up, and keeps what is left', async () => {
    failing.failing = new Set(['sweep'])
    await sweeps.sweep([{ key: 'a', row: true }], undefined)

    expect(await sweeps.deliverWithin(150)).to.equal(false)
    expect(sweeps.pending).to.equal(1)
  })

  it('sends over another connection what was acknowledged and what was not, until it is closed', async () => {
    const connected = new ReconnectingStore(store)
    const reconnecting = new Sweeps(connected, () => ['type'])
    await memory.mint(['lost', 'kept'], MINUTE_MS)
    await reconnecting.sweep([{ key: 'lost', row: true }], undefined)
    failing.failing = new Set(['sweep'])
    await reconnecting.sweep([{ key: 'kept', row: true }], undefined)
    failing.failing = new Set()
    const before = [await wholeOf('lost'), await wholeOf('kept')]

    connected.reconnect()
    const trusted = reconnecting.isTrusted
    await reconnecting.deliverWithin(5_000)
    const after = [await wholeOf('lost'), await wholeOf('kept')]
    reconnecting.close()

    expect(trusted).to.equal(false)
    expect(after[0]).not.to.equal(before[0])
    expect(after[1]).not.to.equal(before[1])
    expect(connected.listeners.size).to.equal(0)
  })

  it('works on a store that has no connection to lose', async () => {
    const alone = new Sweeps(memory, () => [])
    const [before] = await memory.mint(['a'], MINUTE_MS)

    await alone.sweepWhole(['a'])
    alone.close()

    expect(await wholeOf('a')).not.to.equal(before?.whole)
  })
})
