import { expect } from 'chai'
import { newNonce } from '../../src/store/nonce'

describe('newNonce()', () => {
  it('is another eight characters each time, safe in a token and in a URL', () => {
    const nonces = Array.from({ length: 5_000 }, () => newNonce())

    expect(new Set(nonces).size).to.equal(5_000)
    expect(nonces.filter((nonce) => !/^[\w-]{8}$/.test(nonce))).to.deep.equal([])
  })
})
