import { expect } from 'chai'
import { UncacheableValueError } from '../../src/core/errors'
import { UNREADABLE, VALUE_KIND, decodeValue, encodeValue } from '../../src/core/value-codec'
import { VALUES } from './fixtures/values'

class Post {
  readonly id = 1
}

const WHERE = { key: 'article.page' }

function roundTrip(value: unknown): unknown {
  const { kind, bytes } = encodeValue(value, WHERE)
  return decodeValue(kind, Buffer.from(bytes))
}

function nested(levels: number): unknown {
  let value: unknown = 'bottom'
  for (let level = 0; level < levels; level += 1) value = level % 2 === 0 ? [value] : { a: value }
  return value
}

function doubled(levels: number): unknown {
  let value: unknown = []
  for (let level = 0; level < levels; level += 1) value = [value, value]
  return value
}

const circle: Record<string, unknown> = { name: 'a' }
circle['author'] = { posts: [circle] }

const posts = [{}, {}, {}, new Post()]

const REFUSED: readonly (readonly [string, unknown, string])[] = [
  [
    'an instance',
    { author: { posts } },
    'value.author.posts[3] is an instance of Post; use find() or map it to plain data',
  ],
  ['an instance by itself', new Post(), 'value is an instance of Post; use find()'],
  [
    'an instance in a Map',
    new Map([['a', new Post()]]),
    'value.values()[0] is an instance of Post',
  ],
  [
    'an instance as the key of a Map',
    new Map([[new Post(), 1]]),
    'value.keys()[0] is an instance of Post',
  ],
  [
    'an instance in a Set',
    [new Set([1, new Post()])],
    'value[0].values()[1] is an instance of Post',
  ],
  ['an odd property name', { 'a b': new Post() }, 'value["a b"] is an instance of Post'],
  ['a Promise', { a: Promise.resolve(1) }, 'value.a is an instance of Promise; await it first'],
  [
    'a typed array',
    { a: new Uint8Array(2) },
    'value.a is an instance of Uint8Array; make it a Buffer',
  ],
  ['a function', { a: () => 1 }, 'value.a is a function; only data can be given back'],
  ['a symbol', [Symbol('a')], 'value[0] is a symbol; only data can be given back'],
  ['a circle', circle, 'value.author.posts[0] contains itself; leave the way back out'],
  ['201 levels', nested(201), 'is nested deeper than 200 levels'],
  ['more values than can be counted', doubled(40), 'value holds more than 5000000 values'],
]

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

  for (const [what, value, message] of REFUSED) {
    it(`refuses ${what} and names its place`, () => {
      expect(() => encodeValue(value, WHERE)).to.throw(UncacheableValueError, message)
    })
  }

  it('refuses data that changes while it is read', () => {
    const answers = [new Post(), 'plain']
    const changing = {
      get a(): unknown {
        return answers.shift()
      },
    }

    expect(() => encodeValue(changing, WHERE)).to.throw(
      UncacheableValueError,
      'value changes while it is read',
    )
  })

  it('refuses what JSON refuses, with the reason', () => {
    const refusal = new Error('read twice')
    const answers = ['plain']
    const once = {
      get a(): unknown {
        if (answers.length === 0) throw refusal
        return answers.shift()
      },
    }

    expect(() => encodeValue(once, WHERE))
      .to.throw(UncacheableValueError, 'value cannot be written as JSON')
      .with.property('cause', refusal)
  })

  it('names the fragment', () => {
    expect(() => encodeValue(new Post(), WHERE)).to.throw(
      'getOrSet "article.page": value is an instance of Post; ',
    )
  })

  it('keeps messages short, however deep the place', () => {
    const deep = { a: nested(190), b: { ['n'.repeat(500)]: new Post() } }

    expect(() => encodeValue(deep, WHERE))
      .to.throw(UncacheableValueError)
      .with.property('message')
      .with.length.below(250)
  })

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
    expect(Object.is(roundTrip([0, undefined]) instanceof Array, true)).to.equal(true)
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
