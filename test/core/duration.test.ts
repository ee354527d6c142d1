import { expect } from 'chai'
import { type Duration, parseDuration } from '../../src/core/duration'
import { InvalidDurationError } from '../../src/core/errors'

const UNDERSTOOD: readonly (readonly [Duration, number])[] = [
  [0, 0],
  [250, 250],
  [Infinity, Infinity],
  ['0s', 0],
  ['500ms', 500],
  ['30s', 30_000],
  ['10m', 600_000],
  ['1.5h', 5_400_000],
  ['.5h', 1_800_000],
  ['1d', 86_400_000],
]

const REFUSED: readonly unknown[] = [
  -1,
  NaN,
  -Infinity,
  '',
  '10',
  's',
  '-1s',
  '1 s',
  '1S',
  '1w',
  '1e3s',
  '1.s',
  '1.2.3s',
  'Infinityd',
  '1toString',
  10n,
  true,
  null,
  undefined,
  {},
  ['10s'],
]

describe('parseDuration', () => {
  for (const [value, ms] of UNDERSTOOD) {
    it(`reads ${value} as ${ms} ms`, () => {
      expect(parseDuration(value, 'ttl')).to.equal(ms)
    })
  }

  for (const value of REFUSED) {
    it(`refuses ${typeof value} ${String(value)}`, () => {
      expect(() => parseDuration(value, 'ttl')).to.throw(InvalidDurationError)
    })
  }

  it('answers whole milliseconds, because stores know no others', () => {
    expect(parseDuration('1.1s', 'ttl')).to.equal(1_100)
    expect(parseDuration(1.4, 'ttl')).to.equal(1)
  })

  it('never turns a short time into none', () => {
    expect(parseDuration(0.2, 'ttl')).to.equal(1)
    expect(parseDuration('0.0001s', 'ttl')).to.equal(1)
  })

  it('names the option, the value and what would be right', () => {
    expect(() => parseDuration('soon', 'getOrSet "card": ttl')).to.throw(
      'getOrSet "card": ttl: "soon" is no duration; give milliseconds or text such as "500ms", "30s", "10m", "2h", "1d"',
    )
  })

  it('reads text of any length at once', () => {
    expect(() => parseDuration('1'.repeat(1_000_000), 'ttl')).to.throw(InvalidDurationError)
  })
})
