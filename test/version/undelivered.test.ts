import { expect } from 'chai'
import { MemoryStore, type Store } from '../../src/index'
import { GatedStore } from '../../src/testing/gated-store'
import { ThrowingStore } from '../../src/testing/fault-stores'
import { Undelivered } from '../../src/version/undelivered'

const DAY_MS = 86_400_000
/** One more than are kept by name. */
const TOO_MANY = 10_001
const TYPE = 'type'

const sweepOf = (key: string) => ({ key, row: true })
const many = Array.from({ length: TOO_MANY }, (_, index) => sweepOf(`record:${index}`))

describe('sweeps that the store does not take', () => {
  const memory = (): MemoryStore => new MemoryStore({ maxEntries: 100, maxBytes: 100_000 })

  const wholeOf = async (store: Store, key: string): Promise<string | undefined> =>
    (await store.read([key], [])).tokens[0]?.whole

  it('are kept by name up to a bound, and beyond it everything is swept', async () => {
    const store = memory()
    const failing = new ThrowingStore(store)
    const undelivered = new Undelivered(failing, () => [TYPE])
    const [before] = await store.mint([TYPE], DAY_MS)

    undelivered.add(many)
    expect(undelivered.size).to.equal(1)
    undelivered.add(many)
    expect(await undelivered.deliver()).to.equal(false)
    expect(undelivered.size).to.equal(1)
    failing.failing = new Set()

    expect(await undelivered.deliver()).to.equal(true)
    expect(await wholeOf(store, TYPE)).not.to.equal(before?.whole)
    undelivered.close()
  })

  it('come to no more than the bound while others are on their way, and fail', async () => {
    const gated = new GatedStore(new ThrowingStore(memory()))
    const undelivered = new Undelivered(gated, () => [TYPE])
    undelivered.add(many.slice(0, TOO_MANY - 1))
    const sweep = gated.hold('sweep')

    const delivering = undelivered.deliver()
    await sweep.reached
    undelivered.add([sweepOf('one more')])
    sweep.release()

    expect(await delivering).to.equal(false)
    expect(undelivered.size).to.equal(1)
    undelivered.close()
  })

  it('are delivered also when they come while everything is on its way', async () => {
    const store = memory()
    const gated = new GatedStore(store)
    const undelivered = new Undelivered(gated, () => [TYPE])
    const [before] = await store.mint(['late'], DAY_MS)
    undelivered.add(many)
    // Everything has been swept; the answer is still to come.
    const sweep = gated.hold('sweep', { when: 'after' })

    const delivering = undelivered.deliver()
    await sweep.reached
    undelivered.add([sweepOf('late')])
    sweep.release()

    expect(await delivering).to.equal(false)
    expect(await undelivered.deliver()).to.equal(true)
    expect(await wholeOf(store, 'late')).not.to.equal(before?.whole)
    undelivered.close()
  })
})
