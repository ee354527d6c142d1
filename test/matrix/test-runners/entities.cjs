'use strict'

const { DataSource, EntitySchema } = require('typeorm')
const { Sweeper, sweepable } = require('../../../.build/src/index')

const Article = new EntitySchema({
  name: 'Article',
  columns: { id: { type: Number, primary: true, generated: true }, title: { type: String } },
})
const Comment = new EntitySchema({
  name: 'Comment',
  columns: { id: { type: Number, primary: true, generated: true }, text: { type: String } },
  relations: { article: { type: 'many-to-one', target: 'Article' } },
})
sweepable(Comment, { dependsOn: ['article'] })

/** A blog with one article, and its Sweeper. */
async function openBlog() {
  const dataSource = new DataSource({
    type: 'sqljs',
    entities: [Article, Comment],
    synchronize: true,
  })
  const sweeper = new Sweeper(dataSource)
  await dataSource.initialize()
  const article = await dataSource.getRepository(Article).save({ title: 'Tokens' })
  return { dataSource, sweeper, article }
}

module.exports = { Article, Comment, openBlog }
