import { expect } from 'chai'
import { runInNewContext } from 'node:vm'
import { type Shape, classNameOf, shapeOf } from '../../src/core/shape'

class Post {}
class Posts extends Array<Post> {}
class Day extends Date {}
class Index extends Map<string, string> {}
class Names extends Set<string> {}

const SHAPES: readonly (readonly [string, object, Shape])[] = [
  ['an object', {}, 'plain'],
  ['an object without prototype', Object.create(null), 'plain'],
  ['an object of another realm', runInNewContext('({})'), 'plain'],
  ['an array', [], 'array'],
  ['an array of another realm', runInNewContext('[]'), 'array'],
  ['a Date', new Date(), 'date'],
  ['a Date of another realm', runInNewContext('new Date()'), 'date'],
  ['a Map', new Map(), 'map'],
  ['a Set', new Set(), 'set'],
  ['a Buffer', Buffer.alloc(1), 'buffer'],
  ['a Uint8Array', new Uint8Array(1), 'instance'],
  ['a RegExp', /a/, 'instance'],
  ['an Error', new Error('a'), 'instance'],
  ['an instance', new Post(), 'instance'],
  ['a subclass of Array', new Posts(), 'instance'],
  ['a subclass of Date', new Day(), 'instance'],
  ['a subclass of Map', new Index(), 'instance'],
  ['a subclass of Set', new Names(), 'instance'],
  ['what only pretends to be an array', Object.create(Array.prototype), 'instance'],
  ['an object with an object behind it', Object.create({}), 'instance'],
  ['an object with a bare object behind it', Object.create(Object.create(null)), 'instance'],
]

describe('shapeOf', () => {
  for (const [what, value, shape] of SHAPES) {
    it(`calls ${what} ${shape}`, () => {
      expect(shapeOf(value)).to.equal(shape)
    })
  }
})

describe('classNameOf', () => {
  it('answers the name of the class', () => {
    expect(classNameOf(new Post())).to.equal('Post')
  })

  it('has an answer for those that have none', () => {
    expect(classNameOf(new (class {})())).to.equal('an unnamed class')
    expect(classNameOf(Object.create(null))).to.equal('an unnamed class')
    expect(classNameOf(Object.create(Object.create(null)))).to.equal('an unnamed class')
  })
})
