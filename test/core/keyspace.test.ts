import { expect } from 'chai'
import { InvalidOptionError } from '../../src/core/errors'
import { Keyspace, MAX_KEY_BYTES } from '../../src/core/keyspace'
import { KEYS } from './fixtures/keys'

const LONG = 'x'.repeat(1_000)

/** What Redis Cluster hashes. */
function slotOf(key: string): string | undefined {
  return /\{([^}]+)\}/.exec(key)?.[1]
}

describe('Keyspace', () => {
  const keys = new Keyspace('blog')
  const comment = Keyspace.recordTag('public.comment', '17')

  for (const [what, written, key] of KEYS) {
    it(`writes ${what} as it always did`, () => {
      expect(
        written(keys),
        'Running processes of other releases look for the old key. If it has to change, a deploy misses sweeps: ' +
          'release it as a breaking change, add it to the history in docs/stored-data.md, then change the fixture.',
      ).to.equal(key)
    })
  }

  it('keeps a record, its lists and its entries in one slot of Redis Cluster', () => {
    const slots = [
      keys.record('public.comment', '17'),
      keys.children('public.comment', '17', 'votes'),
      keys.entry([comment], 'card', ['de']),
      keys.entry([comment, Keyspace.typeTag('public.user')], LONG, [LONG]),
      keys.entry([Keyspace.childrenTag('public.comment', '17', 'votes')], 'list', []),
    ].map(slotOf)

    expect(new Set(slots)).to.deep.equal(new Set(['public.comment:17']))
  })

  it('keeps the tokens and the entries of a type in one slot', () => {
    const slots = [
      keys.collection('public.comment'),
      keys.type('public.comment'),
      keys.entry([Keyspace.typeTag('public.comment')], 'list', []),
    ].map(slotOf)

    expect(new Set(slots)).to.deep.equal(new Set(['public.comment']))
  })

  it('digests what is too long, and still tells it apart', () => {
    const long = new Keyspace('n'.repeat(64))
    const tag = Keyspace.recordTag(LONG, LONG)
    const written = [
      long.record(LONG, LONG),
      long.record(LONG, `${LONG}x`),
      long.record(`${LONG}x`, LONG),
      long.collection(LONG),
      long.type(LONG),
      long.children(LONG, LONG, LONG),
      long.entry([tag], LONG, []),
      long.entry([tag], LONG, [LONG]),
      long.entry([tag, tag], LONG, []),
      long.entry([Keyspace.childrenTag(LONG, LONG, LONG)], LONG, []),
    ]

    expect(new Set(written).size).to.equal(written.length)
    expect(Math.max(...written.map((key) => key.length))).to.be.at.most(MAX_KEY_BYTES)
  })

  it('leaves two UUIDs readable', () => {
    const uuid = '01234567-89ab-cdef-0123-456789abcdef'

    expect(keys.record('public.vote', `${uuid},${uuid}`)).to.equal(
      `blog:t:{public.vote:${uuid},${uuid}}`,
    )
  })

  for (const namespace of ['', 'a b', 'a{b}', 'a/b', 'ä', 'a\n', 'n'.repeat(65)]) {
    it(`refuses the namespace ${JSON.stringify(namespace)}`, () => {
      expect(() => new Keyspace(namespace)).to.throw(
        InvalidOptionError,
        'cannot begin a key; give 1 to 64',
      )
    })
  }

  for (const id of ['', '1:2', '{1}', '1/2', 'a b', '#1', 'ä']) {
    it(`refuses the record id ${JSON.stringify(id)}, which was not encoded`, () => {
      expect(() => keys.record('public.comment', id)).to.throw(InvalidOptionError, 'is not encoded')
    })
  }

  it('refuses an entry of nothing', () => {
    expect(() => keys.entry([], 'card', [])).to.throw(InvalidOptionError, 'on: an empty list')
  })

  it('forgets names when there are too many', () => {
    for (let index = 0; index < 3_000; index += 1) keys.entry([comment], `name ${index}`, [])

    expect(keys.entry([comment], 'name 1', [])).to.equal('blog:e:{public.comment:17}@name%201')
  })
})
