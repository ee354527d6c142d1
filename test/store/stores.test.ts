import { expect } from 'chai'
import { MemoryStore } from '../../src/store/memory-store'
import { itBehavesLikeAStore } from '../../src/store-contract'
import { FlakyStore, ForgettingStore } from '../support/stores'

itBehavesLikeAStore('ForgettingStore, when it has forgotten', () => {
  const store = new ForgettingStore(new MemoryStore())
  store.forgetAll()
  return store
})

describe('ForgettingStore', () => {
  it('loses the tokens it is told to, and no others', async () => {
    const store = new ForgettingStore(new MemoryStore())
    const [, kept] = await store.mint(['a', 'b'], 60_000)
    store.forget('a')

    expect((await store.read(['a', 'b'], [])).tokens).to.deep.equal([undefined, kept])
  })

  it('loses all of them', async () => {
    const store = new ForgettingStore(new MemoryStore())
    const [before] = await store.mint(['a', 'b'], 60_000)
    store.forgetAll()
    const { tokens } = await store.read(['a', 'b'], [])
    const [after] = await store.mint(['a'], 60_000)

    expect(tokens).to.deep.equal([undefined, undefined])
    expect(after?.whole).not.to.equal(before?.whole)
  })
})

describe('FlakyStore', () => {
  const outcomes = async (seed: number): Promise<string> => {
    const store = new FlakyStore(new MemoryStore(), seed, 0.5)
    const settled = []
    for (let index = 0; index < 40; index++)
      settled.push(
        await store.read([], []).then(
          () => '.',
          () => 'x',
        ),
      )
    return settled.join('')
  }

  it('fails now and then, the same with the same seed', async () => {
    const [one, same, other] = [await outcomes(1), await outcomes(1), await outcomes(2)]

    expect(one).to.equal(same).and.not.to.equal(other)
    expect(one).to.match(/x/).and.to.match(/\./)
  })
})
