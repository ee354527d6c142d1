import { expect } from 'chai'
import { encodeText } from '../../src/core/encode-part'

const ENCODED: readonly (readonly [string, string])[] = [
  ['comment.card', 'comment.card'],
  ['A-Z_a~9', 'A-Z_a~9'],
  ['', '%'],
  ['%', '%25'],
  ['a b', 'a%20b'],
  ['{a}:/,', '%7Ba%7D%3A%2F%2C'],
  ["!'()*", '%21%27%28%29%2A'],
  ['\r\n\0\x7f', '%0D%0A%00%7F'],
  ['é', '%C3%A9'],
  ['😀', '%F0%9F%98%80'],
  ['\ud800', '%uD800'],
  ['\udfff\ud800', '%uDFFF%uD800'],
  ['%uD800', '%25uD800'],
]

describe('encodeText', () => {
  for (const [text, encoded] of ENCODED) {
    it(`writes ${JSON.stringify(text)} as ${encoded}`, () => {
      expect(encodeText(text)).to.equal(encoded)
    })
  }

  it('keeps apart what differs in Unicode form or case alone', () => {
    expect(encodeText('é')).not.to.equal(encodeText('e\u0301'))
    expect(encodeText('A')).not.to.equal(encodeText('a'))
  })
})
