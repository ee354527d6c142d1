import { expect } from 'chai'
import { UncacheableValueError } from '../../src/core/errors'
import { UNREADABLE, VALUE_KIND, decodeValue, encodeValue } from '../../src/core/value-codec'
import { VALUES } from './fixtures/values'
import { nested } from './support/nested'

const WHERE = { key: 'article.page' }

function roundTrip(value: unknown): unknown {
  const { kind, bytes } = encodeValue(value, WHERE)
  return decodeValue(kind, Buffer.from(bytes))
}

describe('encodeValue', () => {
  for (const [what, value, kind, bytes] of VALUES) {
    it(`writes ${what} as it always did`, () => {
      const written = encodeValue(value, WHERE)

      expect(
        { kind: written.kind, bytes: written.bytes.toString('utf8') },
        'Stored values of earlier releases would be read wrongly. Give the new way of writing a new number in VALUE_KIND, ' +
          'add it to the history in docs/stored-data.md, and leave this fixture to the old one.',
      ).to.deep.equal({ kind, bytes })
    })

    it(`gives ${what} back`, () => {
      expect(decodeValue(kind, Buffer.from(bytes))).to.deep.equal(value)
      expect(roundTrip(value)).to.deep.equal(value)
    })
  }

  it('takes 200 levels', () => {
    expect(roundTrip(nested(200))).to.deep.equal(nested(200))
    expect(roundTrip([nested(198), 1n])).to.deep.equal([nested(198), 1n])
  })

  it('takes one object in two places', () => {
    const shared = { a: 1 }

    expect(roundTrip([shared, shared])).to.deep.equal([{ a: 1 }, { a: 1 }])
  })

  it('keeps text that is no well-formed Unicode', () => {
    expect(roundTrip('a\ud800')).to.equal('a\ud800')
    expect(roundTrip({ a: '\udfff' })).to.deep.equal({ a: '\udfff' })
  })

  it('keeps what looks like one of our marks', () => {
    const value = ['~u', '~', '~~', '~m', '~d1', ['~s', 1], { '~m': '~i5' }, undefined]

    expect(roundTrip(value)).to.deep.equal(value)
  })

  it('keeps -0 apart from 0', () => {
    expect(Object.is(roundTrip(-0), -0)).to.equal(true)
  })

  it('keeps properties that are undefined', () => {
    expect(Object.keys(roundTrip({ a: undefined, b: 1 }) as object)).to.deep.equal(['a', 'b'])
  })

  it('keeps __proto__ as a property like any other', () => {
    const plain: unknown = JSON.parse(
      '{"__proto__":{"polluted":true},"constructor":{"prototype":1}}',
    )
    const tagged = Object.defineProperty({ big: 1n }, '__proto__', {
      value: { polluted: 1n },
      enumerable: true,
      configurable: true,
      writable: true,
    })

    for (const value of [plain, tagged]) {
      const back = roundTrip(value)
      expect(Object.getPrototypeOf(back)).to.equal(Object.prototype)
      expect(Object.keys(back as object)).to.deep.equal(Object.keys(value as object))
      expect(back).not.to.have.property('polluted')
      expect({}).not.to.have.property('polluted')
    }
  })

  it('does not read what a class has made its JSON', () => {
    expect(() => encodeValue({ toJSON: () => 'secret' }, WHERE)).to.throw(
      'value.toJSON is a function',
    )
  })
})

describe('decodeValue', () => {
  it('gives a Buffer back as a view, not as a copy', () => {
    const bytes = Buffer.from('abc')

    expect(decodeValue(VALUE_KIND.bytes, bytes)).to.equal(bytes)
  })

  const MALFORMED: readonly string[] = [
    '',
    '{',
    '{"a":1',
    'undefined',
    '"~"',
    '"~x"',
    '"~u1"',
    '"~n1"',
    '"~i"',
    '"~i1.5"',
    '"~d"',
    '"~dx"',
    '["~m",1]',
    '\ufeff1',
  ]
  for (const text of MALFORMED) {
    it(`calls ${JSON.stringify(text)} unreadable`, () => {
      expect(decodeValue(VALUE_KIND.tagged, Buffer.from(text))).to.equal(UNREADABLE)
    })
  }

  it('calls kinds that it does not know unreadable', () => {
    expect([0, 5, 255, -1, NaN].map((kind) => decodeValue(kind, Buffer.from('1')))).to.deep.equal(
      Array.from({ length: 5 }, () => UNREADABLE),
    )
  })

  it('outlives a hundred thousand levels', () => {
    const deep = Buffer.from('['.repeat(100_000) + ']'.repeat(100_000))
    const objects = Buffer.from('{"a":'.repeat(100_000) + '1' + '}'.repeat(100_000))

    expect(decodeValue(VALUE_KIND.tagged, deep)).to.equal(UNREADABLE)
    expect(decodeValue(VALUE_KIND.tagged, objects)).to.equal(UNREADABLE)
    expect(() => decodeValue(VALUE_KIND.json, deep)).not.to.throw()
    expect(() => encodeValue(JSON.parse(deep.toString()), WHERE)).to.throw(UncacheableValueError)
  })
})
