import { expect } from 'chai'
import { allCopiesOf, hashTagOf, typeCopies, typeCopy } from '../../src/core/hash-tags'
import { Keyspace } from '../../src/core/keyspace'
import { Tenants } from '../../src/core/tenants'
import { tokenName } from '../../src/core/token-name'
import { evenHashTags, slotOfKey } from '../../src/store/cluster-slots'

const TAGS = evenHashTags()
const ids = Array.from({ length: 6_400 }, (_, index) => String(index))

describe('hash tags', () => {
  const keys = new Keyspace('blog', TAGS)
  const comment = Keyspace.recordTag('public.comment', '17')

  it('keep a record, its lists, its entries and a copy of its type’s token in one slot', () => {
    const slots = [
      keys.record('public.comment', '17'),
      keys.children('public.comment', '17', 'votes'),
      ...keys.typesBeside(comment, 'public.comment'),
      ...keys.typesBeside(comment, 'public.vote'),
      keys.entry([comment], 'card', ['de']),
      keys.entry([Keyspace.childrenTag('public.comment', '17', 'votes')], 'list', []),
      Keyspace.lease(keys.entry([comment], 'card', []), 'seen'),
    ].map(slotOfKey)

    expect(new Set(slots).size).to.equal(1)
  })

  it('keep the tokens and the entries of a type in one slot', () => {
    const tag = Keyspace.typeTag('public.comment')
    const slots = [
      keys.collection('public.comment'),
      ...keys.typesBeside(tag, 'public.comment'),
      typeCopies(keys.type('public.comment'), TAGS)?.[0] ?? '',
      keys.entry([tag], 'list', []),
    ].map(slotOfKey)

    expect(new Set(slots).size).to.equal(1)
  })

  it('are used evenly', () => {
    const uses = new Map<string, number>()
    for (const id of ids) {
      const tag = hashTagOf(Keyspace.recordTag('public.comment', id), TAGS)
      uses.set(tag, (uses.get(tag) ?? 0) + 1)
    }

    expect(uses.size).to.equal(TAGS.length)
    // A hundred each, give or take what chance does.
    expect(Math.max(...uses.values())).to.be.below(150)
  })

  it('lie evenly in the slots, as many in every range of a cluster', () => {
    for (const primaries of [3, 4, 5, 8, 16]) {
      const held = Array.from({ length: primaries }, () => 0)
      for (const tag of TAGS) {
        const primary = Math.floor((slotOfKey(tag) * primaries) / 16_384)
        held[primary] = (held[primary] ?? 0) + 1
      }

      expect(Math.max(...held) - Math.min(...held), `${primaries} primaries`).to.be.at.most(2)
    }
  })

  it('name every copy of a type’s token by one key, and only of that', () => {
    const copies = typeCopies(keys.type('public.comment'), TAGS) ?? []
    const others = [
      ...keys.typesBeside(comment, 'public.comment'),
      keys.record('public.comment', '17'),
      keys.collection('public.comment'),
      ...keys.near.slice(0, 1),
      'anything',
    ].map((key) => typeCopies(key, TAGS))

    expect(new Set(copies).size).to.equal(TAGS.length)
    for (const id of ids.slice(0, 200))
      expect(copies).to.include(
        keys.typesBeside(Keyspace.recordTag('public.comment', id), 'public.comment')[0],
      )
    expect(others).to.deep.equal([undefined, undefined, undefined, undefined, undefined])
  })

  it('name every copy of a tenant’s, beside those of everyone’s', () => {
    const acme = new Keyspace('blog', TAGS, new Tenants(() => 'acme'))
    const [own, everyones] = acme.types('comment').map((key) => typeCopies(key, TAGS) ?? [])
    const beside = ids
      .slice(0, 200)
      .map((id) => acme.typesBeside(Keyspace.recordTag('comment', id), 'comment'))

    expect(own?.filter((key) => everyones?.includes(key))).to.deep.equal([])
    for (const [mine = '', all = ''] of beside) {
      expect(own).to.include(mine)
      expect(everyones).to.include(all)
    }
  })

  it('are left out of names, and of what a copy is a copy of', () => {
    const names = new Map([['public.comment', 'Comment']])
    const copy = typeCopy(keys.type('public.comment'), '7')

    expect(allCopiesOf(copy)).to.equal(keys.type('public.comment'))
    expect(allCopiesOf(keys.record('public.comment', '17'))).to.equal(
      keys.record('public.comment', '17'),
    )
    expect(tokenName(copy, names)).to.equal('all of Comment')
    expect(tokenName(keys.record('public.comment', '17'), names)).to.equal('Comment:17')
    expect(tokenName(keys.collection('public.comment'), names)).to.equal('any Comment')
  })
})
