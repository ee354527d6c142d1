import { expect } from 'chai'
import { encodeEntry } from '../../src/core/entry'
import { decodeEntryHead } from '../../src/core/entry-head'
import { decodeValue, encodeValue } from '../../src/core/value-codec'
import { NearTier, type TokenSeen } from '../../src/near/near-tier'
import type { NearContent } from '../../src/near/near-entry'
import { parseToken } from '../../src/store/token'

const NOW_MS = 1_000
const LIMITS = { maxEntries: 100, maxBytes: 1_000_000 }

function seen(key: string, birth = 1, half: 'whole' | 'row' = 'whole'): TokenSeen {
  const state = parseToken(`${birth}-a.${birth}-a`, 'epoch')
  if (state === undefined) throw new Error('no token')
  return { token: { key, half }, state }
}

function content(value: unknown, freshUntilMs = Infinity, attribute?: string): NearContent {
  const { kind, bytes } = encodeValue(value, { key: 'test' })
  const head = decodeEntryHead(
    encodeEntry({ kind, bytes, stamps: [], attribute, freshUntilMs, dependencies: [] }),
  )
  if (head === undefined) throw new Error('no entry')
  return { head, value: decodeValue(head.kind, head.bytes), asOfMs: 0 }
}

function listeningTier(limits = LIMITS): NearTier {
  const tier = new NearTier(limits)
  tier.listening()
  return tier
}

describe('NearTier', () => {
  it('serves what was kept until its token moves', async () => {
    const tier = listeningTier()
    tier.keep('e', [seen('t')], content('x'), tier.now())
    expect(await tier.find('e', undefined, NOW_MS)?.value).to.equal('x')

    tier.moved(['other'])
    expect(tier.find('e', undefined, NOW_MS)).not.to.equal(undefined)
    tier.moved(['t'])
    expect(tier.find('e', undefined, NOW_MS)).to.equal(undefined)
    expect(tier.size).to.equal(0)
  })

  it('keeps nothing of a read that a move overtook, in whichever order they arrive (H16)', () => {
    const tier = listeningTier()
    const since = tier.now()
    tier.moved(['t'])
    tier.keep('e', [seen('t')], content('old'), since)
    expect(tier.find('e', undefined, NOW_MS)).to.equal(undefined)

    tier.keep('e', [seen('t', 2)], content('new'), tier.now())
    expect(tier.find('e', undefined, NOW_MS)).not.to.equal(undefined)
  })

  it('keeps nothing of a read that was under way when more moved than it remembers', () => {
    const tier = listeningTier()
    const since = tier.now()
    tier.moved(['t'])
    for (let round = 0; round < 11; round++)
      tier.moved(Array.from({ length: 1_000 }, (_, index) => `${round}.${index}`))
    tier.keep('e', [seen('t')], content('old'), since)
    expect(tier.find('e', undefined, NOW_MS)).to.equal(undefined)
  })

  it('keeps nothing under a mark (H16b)', () => {
    const tier = listeningTier()
    const state = parseToken('!w@9|0|1-a.1-a', 'epoch')
    if (state === undefined) throw new Error('no mark')
    tier.keep('e', [{ token: { key: 't', half: 'whole' }, state }], content('x'), tier.now())
    expect(tier.find('e', undefined, NOW_MS)).to.equal(undefined)
  })

  it('keeps and serves nothing while it is deaf, nor what was read meanwhile (H17)', () => {
    const tier = listeningTier()
    tier.keep('e', [seen('t')], content('x'), tier.now())
    tier.deaf()
    expect(tier.find('e', undefined, NOW_MS)).to.equal(undefined)
    const since = tier.now()
    tier.keep('e', [seen('t')], content('x'), since)
    tier.listening()
    tier.keep('e', [seen('t')], content('x'), since)
    expect(tier.find('e', undefined, NOW_MS)).to.equal(undefined)
    expect(tier.bytes).to.equal(0)
  })

  it('serves nothing beyond its life, and nothing made from another attribute', async () => {
    const tier = listeningTier()
    tier.keep('e', [seen('t')], content('x', 2_000, 'v1'), tier.now())
    expect(tier.find('e', 'v2', 1_999)).to.equal(undefined)
    expect(await tier.find('e', 'v1', 1_999)?.value).to.equal('x')
    expect(tier.find('e', 'v1', 2_000)).to.equal(undefined)
  })

  it('ends what was made under a token that the store lost and made anew', () => {
    const tier = listeningTier()
    tier.keep('e1', [seen('t', 1)], content('x'), tier.now())
    tier.keep('e2', [seen('t', 2)], content('y'), tier.now())
    expect(tier.find('e1', undefined, NOW_MS)).to.equal(undefined)
    tier.moved(['t'])
    expect(tier.find('e2', undefined, NOW_MS)).to.equal(undefined)
  })

  it('moves the token of entries that stay when others under it are let go', () => {
    const tier = listeningTier()
    tier.keep('e1', [seen('t')], content('x'), tier.now())
    tier.keep('e2', [seen('t')], content('y'), tier.now())
    tier.keep('e1', [seen('u')], content('x'), tier.now())
    tier.moved(['t'])
    expect(tier.find('e2', undefined, NOW_MS)).to.equal(undefined)
    expect(tier.find('e1', undefined, NOW_MS)).not.to.equal(undefined)
  })

  it('lets go of what was not used since it was last passed over', () => {
    const tier = listeningTier({ ...LIMITS, maxEntries: 3 })
    for (const key of ['a', 'b', 'c']) tier.keep(key, [seen(key)], content(key), tier.now())
    tier.find('a', undefined, NOW_MS)
    tier.keep('d', [seen('d')], content('d'), tier.now())
    const left = ['a', 'b', 'c', 'd'].filter((key) => tier.find(key, undefined, NOW_MS))
    expect(left).to.deep.equal(['a', 'c', 'd'])
  })

  it('stays within its bytes, whatever is put in', () => {
    const tier = listeningTier({ ...LIMITS, maxBytes: 20_000 })
    for (let index = 0; index < 200; index++) {
      tier.keep(`e${index}`, [seen(`t${index}`)], content('x'.repeat(index * 10)), tier.now())
      tier.find(`e${index}`, undefined, NOW_MS)
      expect(tier.bytes).to.be.at.most(20_000)
    }
    expect(tier.size).to.be.greaterThan(2)
    tier.keep('huge', [seen('t')], content('x'.repeat(30_000)), tier.now())
    expect(tier.find('huge', undefined, NOW_MS)).to.equal(undefined)
  })

  it('shares text and frozen JSON, with one promise for all, and gives everybody his own Buffer and Date', async () => {
    const tier = listeningTier()
    tier.keep('json', [seen('t')], content({ list: [{ a: 1 }] }), tier.now())
    const json = tier.find('json', undefined, NOW_MS)
    expect(json?.value).to.equal(json?.value)
    const value = (await json?.value) as { list: { a: number }[] }
    expect(() => value.list.push({ a: 2 })).to.throw(TypeError)
    expect(Object.isFrozen(value.list[0])).to.equal(true)

    for (const own of [Buffer.from('abc'), { at: new Date(5) }]) {
      tier.keep('own', [seen('t')], content(own), tier.now())
      const first = await tier.find('own', undefined, NOW_MS)?.value
      expect(first).to.deep.equal(own)
      if (Buffer.isBuffer(first)) first.fill(0)
      else (first as { at: Date }).at.setTime(0)
      expect(await tier.find('own', undefined, NOW_MS)?.value).to.deep.equal(own)
    }
  })
})
