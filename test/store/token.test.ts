import { expect } from 'chai'
import { parseToken } from '../../src/store/token'

describe('parseToken()', () => {
  const token = '1700000000123456-a_-Z.1700000001000000-b'

  it('reads both halves and their births', () => {
    expect(parseToken(token, 'epoch')).to.deep.equal({
      whole: 'epoch 1700000001000000-b',
      row: 'epoch 1700000000123456-a_-Z',
      bornMs: 1_700_000_001_000,
      rowBornMs: 1_700_000_000_123.456,
      marked: false,
      seen: `epoch ${token}`,
    })
  })

  it('reads the token under marks', () => {
    const text = `!w-1@1700000000000,*@1700000000001|0|${token}`

    expect(parseToken(text, 'epoch')).to.deep.equal({
      ...parseToken(token, 'epoch'),
      marked: true,
      seen: `epoch ${text}`,
    })
  })

  it('reads marks where no token is', () => {
    expect(parseToken('!w@1|0|', 'epoch')).to.deep.equal({
      whole: '',
      row: '',
      bornMs: 0,
      rowBornMs: 0,
      marked: true,
      seen: 'epoch !w@1|0|',
    })
  })

  it('tells the lives of a store apart', () => {
    const [one, other] = [parseToken(token, 'one'), parseToken(token, 'other')]

    expect(one?.whole).not.to.equal(other?.whole)
    expect(one?.row).not.to.equal(other?.row)
    expect(one?.seen).not.to.equal(other?.seen)
  })

  const unknown = [
    '',
    '1',
    '1-a',
    '1-a.',
    '1-a.2',
    '.2-b',
    'x-a.2-b',
    '1-.2-b',
    '1-a.2-b.3-c',
    `${token}\n`,
  ]
  const unknownMarks = [
    '!',
    '!w',
    '!w|0|',
    '!w@1||',
    '!w@|0|',
    '!@1|0|',
    '!w@1|0|x',
    '!w@1,|0|',
    '!a b@1|0|',
  ]
  for (const text of [...unknown, ...unknownMarks]) {
    it(`takes ${JSON.stringify(text)} for missing`, () => {
      expect(parseToken(text, 'epoch')).to.equal(undefined)
    })
  }
})
