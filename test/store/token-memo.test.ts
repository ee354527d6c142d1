import { expect } from 'chai'
import { parseToken } from '../../src/store/token'
import { TokenMemo } from '../../src/store/token-memo'

describe('TokenMemo', () => {
  const token = '1700000000123456-a.1700000001000000-b'

  it('reads what parseToken reads, the same object each time', () => {
    const memo = new TokenMemo()
    const [first, second] = [memo.read(token, 'epoch'), memo.read(token, 'epoch')]

    expect(first).to.deep.equal(parseToken(token, 'epoch'))
    expect(second).to.equal(first)
    expect(memo.read('no token', 'epoch')).to.equal(undefined)
  })

  it('remembers nothing of another life of the store', () => {
    const memo = new TokenMemo()
    const before = memo.read(token, 'one')

    expect(memo.read(token, 'other')).to.deep.equal(parseToken(token, 'other'))
    expect(memo.read(token, 'one')).to.deep.equal(before)
  })

  it('is bounded', () => {
    const memo = new TokenMemo()
    const first = memo.read(token, 'epoch')
    for (let index = 0; index < 2_000; index++) memo.read(`${index}-a.1-b`, 'epoch')

    expect(memo.read(token, 'epoch')).not.to.equal(first)
  })
})
