import { expect } from 'chai'
import { wholesOf } from '../../src/core/subject'
import { MemoryStore } from '../../src/index'
import { Pins, stampOf } from '../../src/version/pins'
import { TokenReader } from '../../src/version/token-reader'
import { RecordingStore } from '../support/recording-store'
import { ThrowingStore } from '../support/stores'

const MINUTE_MS = 60_000
const A = { key: 'a', half: 'whole' } as const
const B = { key: 'b', half: 'whole' } as const

const pinsOf = (store: RecordingStore): Pins => new Pins(new TokenReader(store), store)

describe('pins', () => {
  let store: RecordingStore
  let pins: Pins

  beforeEach(() => {
    store = new RecordingStore(new MemoryStore())
    pins = pinsOf(store)
  })

  it('take one round trip where the tokens are there', async () => {
    await store.mint(['a', 'b'], MINUTE_MS)
    store.mints.length = 0

    const pin = await pins.pin([A, B], MINUTE_MS)

    expect(pin.states).to.have.length(2)
    expect(store.reads).to.deep.equal([{ tokens: ['a', 'b'], entries: [] }])
    expect(store.mints).to.deep.equal([])
  })

  it('have only the missing tokens made, and keep the order that was asked for', async () => {
    const [there] = await store.mint(['b'], MINUTE_MS)
    store.mints.length = 0

    const pin = await pins.pin([A, B], MINUTE_MS)

    expect(store.mints).to.deep.equal([{ keys: ['a'], lifeMs: MINUTE_MS }])
    expect(pin.states[1]).to.deep.equal(there)
    expect(pin.stamps).to.deep.equal(pin.states.map(({ whole }) => whole))
    expect(pin.stamps[0]).not.to.equal(pin.stamps[1])
  })

  it('of one tick have their tokens made together, each once, for the longest life', async () => {
    const [one, other] = await Promise.all([
      pins.pin([A], 1_000),
      pins.pin([B, A], 3_000),
      pins.pin([B], 2_000),
    ])

    expect(store.mints).to.deep.equal([{ keys: ['a', 'b'], lifeMs: 3_000 }])
    expect(one.states[0]).to.deep.equal(other.states[1])
  })

  it('of a later tick have theirs made by another command', async () => {
    await pins.pin([A], MINUTE_MS)
    await pins.pin([B], MINUTE_MS)

    expect(store.mints.map(({ keys }) => keys)).to.deep.equal([['a'], ['b']])
  })

  it('carry of each token the half that was asked for', async () => {
    const [before] = await store.mint(['a'], MINUTE_MS)
    await store.sweep([{ key: 'a', row: false }])

    const whole = await pins.pin([A], MINUTE_MS)
    const row = await pins.pin([{ key: 'a', half: 'row' }], MINUTE_MS)

    expect(row.stamps).to.deep.equal([before?.row])
    expect(whole.stamps).not.to.deep.equal([before?.whole])
    expect(whole.stamps).to.deep.equal(whole.states.map((state) => stampOf(A, state)))
  })

  it('say that a write is in flight on one of them, and are other pins then', async () => {
    const quiet = await pins.pin([A, B], MINUTE_MS)
    await store.mark(['b'], 'writer', MINUTE_MS)

    const marked = await pins.pin([A, B], MINUTE_MS)

    expect([quiet.marked, marked.marked]).to.deep.equal([false, true])
    expect(marked.seen).not.to.equal(quiet.seen)
    expect(marked.stamps).to.deep.equal(quiet.stamps)
  })

  it('are the same for two readers of the same tokens, and others after a sweep', async () => {
    const before = await pins.pin([A, B], MINUTE_MS)
    const again = await pins.pin([A, B], MINUTE_MS)
    await store.sweep([{ key: 'b', row: true }])
    const after = await pins.pin([A, B], MINUTE_MS)

    expect(again.seen).to.equal(before.seen)
    expect(after.seen).not.to.equal(before.seen)
  })

  it('of a reading that is whole take no round trip', async () => {
    await store.mint(['a'], MINUTE_MS)
    const reading = await new TokenReader(store).read(['a'])
    const asked = [store.reads.length, store.mints.length]

    const pin = await pins.complete(wholesOf(['a']), reading, MINUTE_MS)

    expect(pin.states).to.deep.equal(reading.tokens)
    expect([store.reads.length, store.mints.length]).to.deep.equal(asked)
  })

  it('fail as the store does, and ask it again the next time', async () => {
    const failing = new ThrowingStore(new MemoryStore())
    failing.failing = new Set(['mint'])
    const one = pinsOf(new RecordingStore(failing))

    const failed = await one.pin([A], MINUTE_MS).catch((error: unknown) => error)
    failing.failing = new Set()

    expect(failed).to.include({ code: 'SWEEPER_STORE_UNAVAILABLE' })
    expect((await one.pin([A], MINUTE_MS)).states).to.have.length(1)
  })

  it('fail where a store of your own answers too little, and name the key', async () => {
    class Short extends RecordingStore {
      override mint(keys: readonly string[], lifeMs: number): ReturnType<RecordingStore['mint']> {
        return super.mint(keys.slice(1), lifeMs)
      }
    }

    const failed = await pinsOf(new Short(new MemoryStore()))
      .pin([A, B], MINUTE_MS)
      .catch((error: unknown) => error)

    expect(failed).to.have.property('message', 'mint: the store answered no token for "b"')
  })
})
