import { expect } from 'chai'
import { didYouMean } from '../../src/model/did-you-mean'

describe('didYouMean()', () => {
  const NAMES = ['article', 'author', 'updatedAt']

  it('finds what is a few keystrokes away', () => {
    expect(didYouMean('artcle', NAMES)).to.equal('article')
    expect(didYouMean('articles', NAMES)).to.equal('article')
    expect(didYouMean('auhtor', NAMES)).to.equal('author')
  })

  it('ignores case and underscores', () => {
    expect(didYouMean('updated_at', NAMES)).to.equal('updatedAt')
    expect(didYouMean('ARTICLE', NAMES)).to.equal('article')
  })

  it('takes the nearest', () => {
    expect(didYouMean('comments', ['comment', 'comments_', 'commits'])).to.equal('comments_')
  })

  it('finds nothing that is mostly different', () => {
    for (const word of ['page', 'a', '', 'somethingElse']) {
      expect(didYouMean(word, NAMES)).to.equal(undefined)
    }
    expect(didYouMean('article', [])).to.equal(undefined)
  })
})
