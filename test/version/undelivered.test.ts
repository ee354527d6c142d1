import { expect } from 'chai'
import { MemoryStore, type Store } from '../../src/index'
import { GatedStore } from '../../src/testing/gated-store'
import { ThrowingStore } from '../../src/testing/fault-stores'
import { CountingStore } from '../support/stores'
import { until } from '../support/services-process'
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

  it('are kept by name up to that bound itself', () => {
    const undelivered = new Undelivered(new ThrowingStore(memory()), () => [TYPE])

    undelivered.add(many.slice(0, TOO_MANY - 1))

    expect(undelivered.size).to.equal(TOO_MANY - 1)
    undelivered.close()
  })

  it('stand for everything also after they could not be delivered, and for what comes later', async () => {
    const failing = new ThrowingStore(memory())
    const undelivered = new Undelivered(failing, () => [TYPE])
    const [before] = await failing.store.mint([TYPE], DAY_MS)
    undelivered.add(many)
    undelivered.add([sweepOf('later')])
    const sizes = [undelivered.size]

    await undelivered.deliver()
    undelivered.add([sweepOf('later still')])
    sizes.push(undelivered.size)
    failing.failing = new Set()
    await undelivered.deliver()

    const [after] = (await failing.read([TYPE], [])).tokens
    expect(sizes).to.deep.equal([1, 1])
    expect(after?.row).not.to.equal(before?.row)
    undelivered.close()
  })

  it('stay the ones they are when they could not be delivered', async () => {
    const failing = new ThrowingStore(memory())
    const undelivered = new Undelivered(failing, () => [TYPE])
    const [type, one] = await failing.store.mint([TYPE, 'one'], DAY_MS)
    undelivered.add([sweepOf('one')])

    await undelivered.deliver()
    failing.failing = new Set()
    await undelivered.deliver()

    const after = (await failing.read([TYPE, 'one'], [])).tokens
    expect(after[0]).to.deep.equal(type)
    expect(after[1]?.whole).not.to.equal(one?.whole)
    undelivered.close()
  })

  it('are delivered by who waits, when the store takes them again in time', async () => {
    const failing = new ThrowingStore(memory())
    const undelivered = new Undelivered(failing, () => [TYPE])
    undelivered.add([sweepOf('one')])

    const delivering = undelivered.deliverWithin(5_000)
    await new Promise((resolve) => setImmediate(resolve))
    failing.failing = new Set()

    expect(await delivering).to.equal(true)
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

  it('still count while they are on their way, and are delivered only when they have arrived', async () => {
    const gated = new GatedStore(memory())
    const undelivered = new Undelivered(gated, () => [TYPE])
    undelivered.add([sweepOf('one')])
    const sweep = gated.hold('sweep')
    void undelivered.deliver()
    await sweep.reached

    let isDelivered = false
    const delivering = undelivered.deliverWithin(5_000).then((all) => (isDelivered = all))
    await new Promise((resolve) => setImmediate(resolve))
    const before = [isDelivered, undelivered.size, undelivered.isPending]
    sweep.release()

    expect(before).to.deep.equal([false, 1, true])
    expect(await delivering).to.equal(true)
    expect([undelivered.size, undelivered.isPending]).to.deep.equal([0, false])
    undelivered.close()
  })

  it('are not delivered if what is on its way fails, and the time is up', async () => {
    const gated = new GatedStore(new ThrowingStore(memory()))
    const undelivered = new Undelivered(gated, () => [TYPE])
    undelivered.add([sweepOf('one')])
    const sweep = gated.hold('sweep')
    void undelivered.deliver()
    await sweep.reached

    const delivering = undelivered.deliverWithin(0)
    sweep.release()

    expect(await delivering).to.equal(false)
    expect(undelivered.size).to.equal(1)
    undelivered.close()
  })

  it('sweep the row half too, if any of them did', async () => {
    const store = memory()
    const undelivered = new Undelivered(store, () => [TYPE])
    const before = await store.mint(['twice', 'once'], DAY_MS)
    undelivered.add([sweepOf('twice'), { key: 'once', row: false }])
    undelivered.add([{ key: 'twice', row: false }])

    await undelivered.deliver()

    const after = (await store.read(['twice', 'once'], [])).tokens
    expect(after[0]?.row).not.to.equal(before[0]?.row)
    expect(after[1]?.row).to.equal(before[1]?.row)
    expect(after[1]?.whole).not.to.equal(before[1]?.whole)
    undelivered.close()
  })

  it('are sent again by themselves, at growing intervals', async () => {
    const failing = new CountingStore(new ThrowingStore(memory()))
    const undelivered = new Undelivered(failing, () => [TYPE])
    const startedMs = performance.now()
    const afterMs: number[] = []
    undelivered.add([sweepOf('one')])

    for (let attempt = 1; attempt <= 3; attempt++) {
      await until('an attempt', 5_000, () => failing.calls.sweep >= attempt)
      afterMs.push(performance.now() - startedMs)
    }

    // 100, then 200, then 400 ms between them.
    expect(afterMs[0]).to.be.at.least(95)
    expect(afterMs[1]).to.be.at.least(295)
    expect(afterMs[2]).to.be.at.least(690)
    undelivered.close()
  })

  it('that come together are sent together', async () => {
    const failing = new CountingStore(new ThrowingStore(memory()))
    const undelivered = new Undelivered(failing, () => [TYPE])

    undelivered.add([sweepOf('one')])
    undelivered.add([sweepOf('other')])
    await until('the first attempt', 5_000, () => failing.calls.sweep > 0)
    await new Promise((resolve) => {
      setTimeout(resolve, 50)
    })

    expect(failing.calls.sweep).to.equal(1)
    undelivered.close()
  })

  it('are not sent any more once it is closed', async () => {
    const store = new CountingStore(memory())
    const undelivered = new Undelivered(store, () => [TYPE])
    undelivered.add([sweepOf('one')])

    undelivered.close()
    undelivered.replay([sweepOf('other')])
    undelivered.add([sweepOf('one more')])
    await new Promise((resolve) => {
      setTimeout(resolve, 150)
    })

    expect(store.calls.sweep).to.equal(0)
  })

  it('are nothing to deliver where there are none', async () => {
    const store = new CountingStore(memory())
    const undelivered = new Undelivered(store, () => [TYPE])

    expect(await undelivered.deliver()).to.equal(true)
    expect(await undelivered.deliverWithin(0)).to.equal(true)
    expect(store.total).to.equal(0)
  })
})
