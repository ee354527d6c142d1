import { expect } from 'chai'
import { type Entry, encodeEntry } from '../../src/core/entry'
import { decodeEntryHead } from '../../src/core/entry-head'
import { ENTRIES } from './fixtures/entries'

const STAMPS = ['e 1700000000000001-aa', 'e 1700000000000002-bb']

function anEntry(over: Partial<Entry> = {}): Entry {
  return {
    kind: 1,
    bytes: Buffer.from('<p>hello</p>'),
    stamps: STAMPS,
    freshUntilMs: 1_700_000_060_000,
    dependencies: [],
    ...over,
  }
}

/** What a reader learns from an entry; throws for none, so that a test names the miss. */
function headOf(buffer: Buffer): NonNullable<ReturnType<typeof decodeEntryHead>> {
  const head = decodeEntryHead(buffer)
  if (head === undefined) throw new Error('the entry is unreadable')
  return head
}

describe('an entry', () => {
  for (const [what, entry, hex] of ENTRIES) {
    it(`is written with the bytes it always had: ${what}`, () => {
      expect(
        encodeEntry(entry).toString('hex'),
        'Other releases would read these bytes wrongly. Bump ENTRY_FORMAT, so that they see misses, add the new format ' +
          'to the history in docs/stored-data.md, and add a fixture for it.',
      ).to.equal(hex)
    })

    it(`is read as it always was: ${what}`, () => {
      const head = headOf(Buffer.from(hex, 'hex'))
      const ownCount = entry.stamps.length - entry.dependencies.length

      expect({
        kind: head.kind,
        bytes: head.bytes.toString('hex'),
        attribute: head.attribute,
        freshUntilMs: head.freshUntilMs,
        dependencies: head.dependencies,
        own: head.matches(entry.stamps.slice(0, ownCount)),
        others: head.matchesDependencies(entry.stamps.slice(ownCount)),
      }).to.deep.equal({
        kind: entry.kind,
        bytes: entry.bytes.toString('hex'),
        attribute: entry.attribute,
        freshUntilMs: entry.freshUntilMs,
        dependencies: entry.dependencies,
        own: true,
        others: true,
      })
    })
  }

  it('matches its own stamps in their order alone', () => {
    const head = headOf(encodeEntry(anEntry()))
    const [first = '', second = ''] = STAMPS

    expect(head.matches([first, second])).to.equal(true)
    expect(head.matches([second, first])).to.equal(false)
    expect(head.matches([first])).to.equal(false)
    expect(head.matches([first, second, second])).to.equal(false)
    expect(head.matches([first, `${second}x`])).to.equal(false)
    expect(head.matches([first, second.slice(1)])).to.equal(false)
    expect(head.matches([])).to.equal(false)
  })

  it('takes no stamp of a dependency for one of its own', () => {
    const dependencies = [{ key: 'blog:t:{user:1}', half: 'row' }] as const
    const head = headOf(encodeEntry(anEntry({ dependencies })))

    expect(head.matches(STAMPS)).to.equal(false)
    expect(head.matches(STAMPS.slice(0, 1))).to.equal(true)
    expect(head.matchesDependencies(STAMPS.slice(1))).to.equal(true)
    expect(head.matchesDependencies([])).to.equal(false)
  })

  it('tells an empty attribute from none', () => {
    expect(headOf(encodeEntry(anEntry({ attribute: '' }))).attribute).to.equal('')
    expect(headOf(encodeEntry(anEntry())).attribute).to.equal(undefined)
  })

  it('has its payload as a view, not as a copy', () => {
    const buffer = encodeEntry(anEntry())

    expect(headOf(buffer).bytes.buffer).to.equal(buffer.buffer)
  })

  it('refuses fewer stamps than dependencies', () => {
    const dependencies = [{ key: 'blog:t:{user:1}', half: 'whole' }] as const

    expect(() => encodeEntry(anEntry({ stamps: [], dependencies }))).to.throw(
      RangeError,
      'one stamp per token',
    )
  })
})

describe('decodeEntryHead', () => {
  const whole = encodeEntry(
    anEntry({ attribute: 'x', dependencies: [{ key: 'blog:t:{user:1}', half: 'row' }] }),
  )

  it('answers undefined for an entry that was cut, wherever', () => {
    const readable = Array.from(whole.keys()).filter(
      (length) => decodeEntryHead(whole.subarray(0, length)) !== undefined,
    )

    expect(readable).to.deep.equal([])
  })

  it('answers undefined for an entry that has become longer', () => {
    expect(decodeEntryHead(Buffer.concat([whole, Buffer.from('x')]))).to.equal(undefined)
  })

  it('answers undefined for every other format', () => {
    const known = Array.from({ length: 256 }, (_, format) => format).filter((format) => {
      const other = Buffer.from(whole)
      other[0] = format
      return decodeEntryHead(other) !== undefined
    })

    expect(known).to.deep.equal([1])
  })

  for (const [what, at, byte] of [
    ['flags it does not know', 2, 2],
    ['an end that is no number', 3, 0x7f],
    ['more dependencies than stamps', 14, 9],
    ['a stamp that is longer than the entry', 23, 0xff],
  ] as const) {
    it(`answers undefined for ${what}`, () => {
      const other = Buffer.from(whole)
      other[at] = byte
      if (at === 3) other[4] = 0xff

      expect(decodeEntryHead(other)).to.equal(undefined)
    })
  }
})
