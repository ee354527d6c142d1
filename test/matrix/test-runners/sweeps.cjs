'use strict'

const { record } = require('../../../.build/src/index')
const { recordSweeps, sweepMatchers } = require('../../../.build/src/testing')
const { Article, Comment, openBlog } = require('./entities.cjs')

/** The same tests for each runner, by the globals that it gives. */
function itHasMatchers({ beforeEach, afterEach, describe, expect, it }) {
  expect.extend(sweepMatchers)

  describe('the matchers', () => {
    let blog
    let sweeps
    let comment
    beforeEach(async () => {
      blog = await openBlog()
      sweeps = recordSweeps(blog.sweeper)
      const { dataSource, article } = blog
      comment = await dataSource.getRepository(Comment).save({ text: 'Nice.', article })
    })
    afterEach(() => blog.dataSource.destroy())

    const commentRef = () => record(Comment, comment.id)
    const articleRef = () => record(Article, blog.article.id)

    it('hold for what was swept, and with not for what was not', () => {
      expect(sweeps).toHaveSwept(commentRef(), articleRef())
      expect(sweeps).toHaveSweptExactly(commentRef(), articleRef())
      expect(sweeps).not.toHaveSwept(record(Article, 4711))
      expect(sweeps).not.toHaveSweptExactly(commentRef())
    })

    it('fail with what was swept instead, and why', () => {
      const swept = `swept was Comment:${comment.id} (insert), Article:${blog.article.id} (insert of Comment:${comment.id})`
      expect(() => expect(sweeps).toHaveSwept(record(Article, 4711))).toThrow(
        `expected Article:4711 to have been swept; ${swept}`,
      )
      expect(() => expect(sweeps).not.toHaveSwept(articleRef())).toThrow(swept)
      expect(() => expect(sweeps).toHaveSweptExactly(commentRef())).toThrow(swept)
    })

    it('refuse what is no recording', () => {
      expect(() => expect('x').toHaveSwept(articleRef())).toThrow('is no recording')
      expect(() => expect(sweeps).toHaveSwept()).toThrow('no subject is given')
    })
  })
}

module.exports = { itHasMatchers }
