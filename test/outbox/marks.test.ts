import { expect } from 'chai'
import { randomBytes } from 'node:crypto'
import { record } from '../../src/index'
import { RedisStore } from '../../src/redis'
import { GatedStore } from '../support/gated-store'
import { describeWith } from '../support/services'
import { Article, Comment, Vote } from '../support/zoo'
import { OutboxApp } from './support/outbox-app'

/** What is read between a COMMIT and its sweep: docs/outbox.md says it in words. */
for (const marks of [false, true])
  describeWith(['postgres', 'redis'], `an outbox with marks: ${marks}`, ({ postgres, redis }) => {
    let writer: OutboxApp
    let other: OutboxApp
    let reader: OutboxApp
    let store: GatedStore

    beforeEach(async () => {
      const namespace = `${redis.namespace}-${randomBytes(4).toString('hex')}`
      const start = (own: GatedStore): Promise<OutboxApp> =>
        // Whoever has written sweeps, nobody for them.
        OutboxApp.start(postgres.options, {
          ...{ namespace, store: own, marks },
          outbox: { pollEvery: '1h' },
        })
      store = new GatedStore(new RedisStore(redis.connect()))
      writer = await start(store)
      other = await start(new GatedStore(new RedisStore(redis.connect())))
      reader = await start(new GatedStore(new RedisStore(redis.connect())))
    })
    afterEach(async () => {
      for (const { dataSource } of [writer, other, reader]) await dataSource.destroy()
    })

    const read = (id: number, key: string): Promise<string> =>
      reader.sweeper.getOrSet({
        on: record(Comment, id),
        key,
        factory: async () =>
          (await reader.dataSource.manager.findOneByOrFail(Comment, { id })).text,
      })

    /** How many votes each comment has, on the page of its article. */
    const page = (id: number): Promise<Record<string, number>> =>
      reader.sweeper.getOrSet({
        on: record(Article, id),
        key: 'page',
        factory: async () => {
          const comments = await reader.dataSource.manager.find(Comment, {
            where: { article: { id } },
            relations: { votes: true },
          })
          return Object.fromEntries(comments.map((one) => [one.text, one.votes.length]))
        },
      })

    it(`before its sweep arrives a committed write is ${marks ? 'seen everywhere' : 'seen here, and not yet there'}`, async () => {
      const { id } = await writer.dataSource.manager.save(Comment, { text: 'old' })
      await read(id, 'there')
      const sweep = store.hold('sweep')

      const writing = writer.dataSource.manager.save(Comment, { id, text: 'new' })
      await sweep.reached

      expect([await read(id, 'here'), await read(id, 'there')]).to.deep.equal([
        'new',
        marks ? 'new' : 'old',
      ])
      sweep.release()
      await writing
      expect(await read(id, 'there')).to.equal('new')
    })

    it(`before the sweep of a move arrives, a write to what was moved is ${marks ? 'seen where it was' : 'not seen where it was'}`, async () => {
      const { manager } = writer.dataSource
      const [from, to] = [await manager.save(new Article()), await manager.save(new Article())]
      const { id } = await manager.save(Comment, { text: 'moved', article: from })
      await page(from.id)
      const sweep = store.hold('sweep')

      const moving = manager.save(Comment, { id, article: to })
      await sweep.reached
      await other.dataSource.manager.save(Vote, { comment: { id } })

      expect(other.sweeps.events.at(-1)).to.have.property('delivered', true)
      expect(await page(to.id)).to.deep.equal({ moved: 1 })
      expect(await page(from.id)).to.deep.equal(marks ? {} : { moved: 0 })
      sweep.release()
      await moving
      expect(await page(from.id)).to.deep.equal({})
    })
  })
