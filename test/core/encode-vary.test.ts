import { expect } from 'chai'
import { runInNewContext } from 'node:vm'
import { encodeVary } from '../../src/core/encode-vary'
import { InvalidOptionError } from '../../src/core/errors'

class Locale {
  readonly name = 'de'
}

/** No two of them may be written alike. */
const DIFFERENT: readonly (readonly unknown[])[] = [
  [],
  [undefined],
  [null],
  [[]],
  [{}],
  [''],
  ['undefined'],
  ['null'],
  [0],
  [-0],
  [1],
  ['1'],
  [1n],
  ['1n'],
  [NaN],
  [Infinity],
  [-Infinity],
  [true],
  ['true'],
  [new Date(1)],
  [new Date(NaN)],
  [Buffer.from([1])],
  ['a:b'],
  ['a', 'b'],
  [['a', 'b']],
  ['a,b'],
  ["a','b"],
  [['a'], 'b'],
  [[['a'], 'b']],
  [{ a: 1 }],
  [{ a: '1' }],
  [{ a: undefined }],
  [{ a: 1, b: 2 }],
  [{ 'a=1,b': 2 }],
  [{ '': 1 }],
  [[1]],
  [[[1]]],
  ['x'.repeat(200)],
  ['x'.repeat(201)],
  [{ ['x'.repeat(200)]: 1 }],
  [`#${'x'.repeat(43)}`],
  ['\ud800'.repeat(200)],
  ['\ud801'.repeat(200)],
]

const REFUSED: readonly (readonly [string, unknown])[] = [
  ['a function', () => 1],
  ['a symbol', Symbol('a')],
  ['an instance of Locale', new Locale()],
  ['an instance of Map', new Map()],
  ['an instance of Set', new Set()],
  ['an instance of Promise', Promise.resolve()],
  ['an instance of Uint8Array', new Uint8Array(1)],
  ['a Buffer of more than 64 bytes', Buffer.alloc(65)],
  ['an object with symbol keys', { [Symbol('a')]: 1 }],
]

describe('encodeVary', () => {
  it('keeps different values apart', () => {
    const written = DIFFERENT.map((vary) => encodeVary(vary))

    expect(new Set(written).size).to.equal(DIFFERENT.length)
  })

  it('writes the same values alike, whatever the order of the keys', () => {
    expect(encodeVary([{ page: 2, locale: 'de' }])).to.equal(
      encodeVary([{ locale: 'de', page: 2 }]),
    )
  })

  it('takes plain objects without prototype and from another realm', () => {
    const foreign: unknown = runInNewContext('({ a: [1] })')

    expect(encodeVary([foreign])).to.equal(encodeVary([{ a: [1] }]))
    expect(encodeVary([Object.assign(Object.create(null), { a: [1] })])).to.equal(
      encodeVary([foreign]),
    )
  })

  it('stays short for ten megabytes of text', () => {
    expect(encodeVary(['ü'.repeat(10_000_000)])).to.match(/^#[\w-]{43}$/)
  })

  for (const [what, value] of REFUSED) {
    it(`refuses ${what} and names its place`, () => {
      expect(() => encodeVary(['de', { by: [value] }])).to.throw(
        InvalidOptionError,
        `vary[1].by[0]: ${what} cannot be part of a key; give a string`,
      )
    })
  }

  it('keeps messages short, however long the names', () => {
    expect(() => encodeVary([{ ['n'.repeat(500)]: Symbol('a') }]))
      .to.throw(InvalidOptionError)
      .with.property('message')
      .with.length.below(250)
  })

  it('refuses a circle', () => {
    const circle: unknown[] = []
    circle.push(circle)

    expect(() => encodeVary([circle])).to.throw(InvalidOptionError, 'in a circle')
  })

  it('refuses more values than a key is worth', () => {
    expect(() => encodeVary([new Array(1_000_000_000)])).to.throw(
      InvalidOptionError,
      '10000 values',
    )
  })
})
