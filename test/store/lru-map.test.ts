import { expect } from 'chai'
import * as fc from 'fast-check'
import { LruMap } from '../../src/store/lru-map'

type Action =
  | { readonly kind: 'get' | 'delete'; readonly key: string }
  | { readonly kind: 'set'; readonly key: string; readonly bytes: number }

const key = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h')
const action: fc.Arbitrary<Action> = fc.oneof(
  fc.record({ kind: fc.constantFrom('get', 'delete'), key }),
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('set'), key, bytes: fc.nat(900) }) },
)

describe('LruMap', () => {
  const forEver = { endsMs: Infinity, bytes: 1 }

  it('keeps what was used last, as a list would that is searched from its end', () => {
    fc.assert(
      fc.property(fc.array(action, { maxLength: 200 }), (actions) => {
        const map = new LruMap<number>({ maxCount: 4, maxBytes: 3_000 })
        let model: { key: string; value: number; bytes: number }[] = []
        for (const [value, each] of actions.entries()) {
          const found = model.find((item) => item.key === each.key)
          model = model.filter((item) => item.key !== each.key)
          if (each.kind === 'set') {
            map.set(each.key, value, { endsMs: Infinity, bytes: each.bytes })
            model.push({ key: each.key, value, bytes: each.bytes + 385 })
          } else if (each.kind === 'get') {
            expect(map.get(each.key, 0)).to.equal(found?.value)
            if (found !== undefined) model.push(found)
          } else map.delete(each.key)
          const total = (): number => model.reduce((sum, { bytes }) => sum + bytes, 0)
          while (model.length > 4 || total() > 3_000) model.shift()
          expect([map.size, map.bytes]).to.deep.equal([model.length, total()])
        }
      }),
    )
  })

  it('forgets what has ended, when it is asked for', () => {
    const map = new LruMap<number>({ maxCount: 4, maxBytes: 10_000 })
    map.set('key', 1, { endsMs: 100, bytes: 1 })

    expect(map.get('key', 99)).to.equal(1)
    expect(map.get('key', 100)).to.equal(undefined)
    expect([map.size, map.bytes]).to.deep.equal([0, 0])
  })

  it('gives way at once when its bytes are taken away', () => {
    const map = new LruMap<number>({ maxCount: 4, maxBytes: 10_000 })
    for (const each of 'abcd') map.set(each, 1, forEver)
    map.maxBytes = 800

    expect([map.get('a', 0), map.get('c', 0), map.get('d', 0)]).to.deep.equal([undefined, 1, 1])
  })

  it('takes as long to evict from many as from few', () => {
    const evictionsPerMs = (maxCount: number): number => {
      const map = new LruMap<number>({ maxCount, maxBytes: Infinity })
      for (let index = 0; index < maxCount; index++) map.set(`k${index}`, index, forEver)
      const startedAtMs = performance.now()
      for (let index = 0; index < 50_000; index++) map.set(`n${index}`, index, forEver)
      return 50_000 / (performance.now() - startedAtMs)
    }
    evictionsPerMs(1_000)

    // A walk over the holes of what was evicted would make this several hundred times as slow.
    expect(evictionsPerMs(1_000) / evictionsPerMs(100_000)).to.be.lessThan(40)
  })
})
