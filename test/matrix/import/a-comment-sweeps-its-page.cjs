'use strict'

const assert = require('node:assert/strict')

/** A page is made once, kept, and made anew after a comment: with whatever was loaded in whatever way. */
module.exports = async function aCommentSweepsItsPage({ typeorm, library, RedisStore, Redis }) {
  const { DataSource, EntitySchema } = typeorm
  const { record, sweepable, Sweeper, SweepSubscriber } = library
  const id = { type: Number, primary: true, generated: true }
  const Article = new EntitySchema({ name: 'Article', columns: { id, title: { type: String } } })
  const Comment = new EntitySchema({
    name: 'Comment',
    columns: { id, text: { type: String } },
    relations: { article: { type: 'many-to-one', target: 'Article' } },
  })
  sweepable(Comment, { dependsOn: ['article'] })
  const dataSource = new DataSource({
    type: 'sqljs',
    entities: [Article, Comment],
    subscribers: [SweepSubscriber],
    synchronize: true,
  })
  const redis = new Redis(process.env.REDIS_URL ?? 'redis://127.0.0.1:6379')
  const store = new RedisStore(redis)
  const namespace = `matrix:${process.pid}:${Date.now()}`
  const sweeper = new Sweeper(dataSource, { store, namespace, timeout: '5s' })
  await dataSource.initialize()
  const article = await dataSource.getRepository('Article').save({ title: 'Tokens' })
  const filled = new Promise((resolve) => sweeper.on('fill', resolve))
  let renders = 0
  const on = record(Article, article.id)
  const page = () =>
    sweeper.getOrSet({ on, key: 'page', ttl: '1m', factory: () => `page ${++renders}` })

  assert.equal(await page(), 'page 1')
  await filled
  assert.equal(await page(), 'page 1')
  await dataSource.getRepository('Comment').save({ text: 'Nice.', article })
  assert.equal(await page(), 'page 2')

  await dataSource.destroy()
  await redis.quit()
}
