import { expect } from 'chai'
import { UncacheableValueError } from '../../src/core/errors'
import { encodeValue } from '../../src/core/value-codec'
import { nested } from './support/nested'

class Post {
  readonly id = 1
}

const WHERE = { key: 'article.page' }

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
})
