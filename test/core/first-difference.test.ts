import { expect } from 'chai'
import { firstDifference } from '../../src/core/first-difference'

describe('firstDifference()', () => {
  const at = new Date(0)
  const FOUND: readonly (readonly [what: string, one: unknown, other: unknown, place?: string])[] =
    [
      ['equal values', { a: [1, { b: at }] }, { a: [1, { b: new Date(0) }] }],
      ['another order of properties', { a: 1, b: 2 }, { b: 2, a: 1 }],
      ['NaN', [NaN], [NaN]],
      ['text', 'a', 'b', ''],
      ['a property', { a: 1, b: { c: 2 } }, { a: 1, b: { c: 3 } }, '.b.c'],
      ['a missing property', { a: 1 }, {}, '.a'],
      ['one too many', [1], [1, 2], '[1]'],
      ['another order of a list', [[1, 2]], [[2, 1]], '[0][0]'],
      ['a Date', { at }, { at: new Date(1) }, '.at'],
      ['a Map', { of: new Map([[1, 2]]) }, { of: new Map([[1, 3]]) }, '.of'],
      ['a Buffer', [Buffer.from('a')], [Buffer.from('b')], '[0]'],
      ['null for an object', { a: null }, { a: {} }, '.a'],
      ['undefined for no property', { a: undefined }, {}, ''],
      ['a list for an object', { a: [] }, { a: {} }, '.a'],
      ['zeroes', 0, -0, ''],
    ]
  for (const [what, one, other, place] of FOUND)
    it(`says ${place === undefined ? 'nothing' : JSON.stringify(place)} of ${what}`, () => {
      expect(firstDifference(one, other)).to.equal(place)
      expect(firstDifference(other, one)).to.equal(place)
    })
})
