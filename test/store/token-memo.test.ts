import { expect } from 'chai'
import { parseToken } from '../../src/store/token'
import { TokenMemo } from '../../src/store/token-memo'

describe('TokenMemo', () => {
  const token = '1700000000123456-a.1700000001000000-b'

  it('reads what parseToken reads, the same object each time', () => {
    const memo = new TokenMemo()
    const [first, second] = [memo.read('t', token, 'epoch'), memo.read('t', token, 'epoch')]

    expect(first).to.deep.equal(parseToken(token, 'epoch'))
    expect(second).to.equal(first)
    expect(memo.read('t', 'no token', 'epoch')).to.equal(undefined)
  })

  it('sees every other text under a key', () => {
    const memo = new TokenMemo()
    memo.read('t', token, 'epoch')
    const others = [
      token.replace('a', 'c'),
      token.replace(/b$/, 'c'),
      `${token}b`,
      `${token.slice(0, -1)}bb`,
      `!w@1700000000000|0|${token}`,
    ]
    for (const other of others) {
      expect(memo.read('t', other, 'epoch')).to.deep.equal(parseToken(other, 'epoch'))
      expect(memo.read('t', token, 'epoch')).to.deep.equal(parseToken(token, 'epoch'))
    }
  })

  it('remembers nothing of another life of the store', () => {
    const memo = new TokenMemo()
    const before = memo.read('t', token, 'one')

    expect(memo.read('t', token, 'other')).to.deep.equal(parseToken(token, 'other'))
    expect(memo.read('t', token, 'one')).to.deep.equal(before)
  })

  it('is bounded', () => {
    const memo = new TokenMemo()
    const first = memo.read('t', token, 'epoch')
    for (let index = 0; index < 2_000; index++) memo.read(`${index}`, token, 'epoch')

    expect(memo.read('t', token, 'epoch')).not.to.equal(first)
  })
})
