import { expect } from 'chai'
import { DataSource, type DataSourceOptions } from 'typeorm'
import { Sweeper, SweepSubscriber } from '../../src/index'
import { RedisStore } from '../../src/redis'
import { GatedStore } from '../support/gated-store'
import { holdQuery } from '../support/held-queries'
import { Hold } from '../support/hold'
import { describeWith } from '../support/services'
import { until } from '../support/until'
import { Article, Comment, User, ZOO } from '../support/zoo'
import { PATIENT, zooSweeper } from '../support/zoo-sweeper'

interface App {
  readonly dataSource: DataSource
  readonly sweeper: Sweeper
  readonly store: GatedStore
}

/** What objects hold is known only when they are loaded: writes that come in between. */
describeWith(['postgres', 'redis'], 'objects that are loaded while others write', (services) => {
  const { postgres, redis } = services
  let one: App
  let other: App

  beforeEach(async () => {
    one = await start()
    other = await start()
  })
  afterEach(async () => {
    for (const { dataSource } of [one, other]) await dataSource.destroy()
  })

  async function start(): Promise<App> {
    const store = new GatedStore(new RedisStore(redis.connect()))
    const namespace = `${redis.namespace}-races`
    return { store, ...(await zooSweeper(postgres.options, { store, namespace })) }
  }

  const relations = ['comments']

  async function anArticle(): Promise<{ id: number; comment: number }> {
    const { id } = await one.dataSource.getRepository(Article).save({ title: 'a' })
    const article = { id } as Article
    const comment = await one.dataSource.getRepository(Comment).save({ text: 'x', article })
    return { id, comment: comment.id }
  }

  const textsOf = async ({ sweeper }: App, id: number): Promise<string[] | undefined> =>
    (await sweeper.find(Article, id, { relations }))?.comments.map(({ text }) => text)

  it('a record in it is written before its token is known: it is loaded again', async () => {
    const { id, comment } = await anArticle()
    const loaded = holdQuery(one.dataSource, 'SELECT "object"', { when: 'after' })

    const reading = textsOf(one, id)
    await loaded.reached
    await other.dataSource.getRepository(Comment).update(comment, { text: 'y' })
    loaded.release()
    await reading
    await one.store.idle()

    expect(await textsOf(one, id)).to.deep.equal(['y'])
    expect(await textsOf(other, id)).to.deep.equal(['y'])
  })

  it('a record in it is written after its token was pinned, before it is loaded again', async () => {
    const { id, comment } = await anArticle()
    await other.sweeper.version([Article, id])
    // The second answer of the store is that of the tokens of what was found.
    const pinned = one.store.hold('read', { when: 'after', skip: 1 })

    const reading = textsOf(one, id)
    await pinned.reached
    await other.dataSource.getRepository(Comment).update(comment, { text: 'y' })
    pinned.release()
    await reading
    await one.store.idle()

    expect(await textsOf(one, id)).to.deep.equal(['y'])
  })

  it('a child comes between the load and the pin of its list', async () => {
    const { id } = await anArticle()
    await until(async () => {
      await textsOf(other, id)
      await other.store.idle()
      return true
    })
    const loaded = holdQuery(one.dataSource, 'SELECT "object"', { when: 'after' })

    const reading = one.sweeper.find(Article, id, { relations, fresh: true })
    await loaded.reached
    const article = { id } as Article
    await other.dataSource.getRepository(Comment).save({ text: 'y', article })
    loaded.release()
    await reading
    await one.store.idle()

    expect((await textsOf(one, id))?.toSorted()).to.deep.equal(['x', 'y'])
  })

  it('an email goes from one user to another while the first is being found by it', async () => {
    const users = other.dataSource.getRepository(User)
    const ann = await users.save({ email: 'hot@example.org' })
    const bob = await users.save({ email: 'bob@example.org' })
    const loaded = holdQuery(one.dataSource, 'SELECT "object"', { when: 'after' })

    const reading = one.sweeper.findBy(User, { email: 'hot@example.org' })
    await loaded.reached
    await users.update(ann.id, { email: 'ann@example.org' })
    await users.update(bob.id, { email: 'hot@example.org' })
    loaded.release()
    await reading
    await one.store.idle()

    const found = await one.sweeper.findBy(User, { email: 'hot@example.org' })
    expect(found?.id).to.equal(bob.id)
    expect((await one.sweeper.findBy(User, { email: 'ann@example.org' }))?.id).to.equal(ann.id)
  })

  it('an email is taken while nobody was found by it', async () => {
    const loaded = holdQuery(one.dataSource, 'SELECT "object"', { when: 'after' })
    const email = 'new@example.org'

    const reading = one.sweeper.findBy(User, { email })
    await loaded.reached
    const { id } = await other.dataSource.getRepository(User).save({ email })
    loaded.release()
    await reading
    await one.store.idle()

    expect((await one.sweeper.findBy(User, { email }))?.id).to.equal(id)
  })

  /** Begins a read, and waits until it has looked and found nothing. */
  async function joining<T>({ sweeper }: App, read: () => Promise<T>): Promise<Promise<T>[]> {
    const missed = new Promise<void>((resolve) => {
      const off = sweeper.on('miss', () => {
        off()
        resolve()
      })
    })
    const reading = read()
    await missed
    return [reading]
  }

  /** Begins a read that is held when it has loaded for the second time, its tokens known. */
  async function heldAtItsEnd<T>(
    read: () => Promise<T>,
  ): Promise<{ reading: Promise<T>[]; hold: Hold }> {
    const first = holdQuery(one.dataSource, 'SELECT "object"', { when: 'after' })
    const reading = read()
    await first.reached
    const hold = holdQuery(one.dataSource, 'SELECT "object"', { when: 'after' })
    first.release()
    await hold.reached
    return { reading: [reading], hold }
  }

  it('who joins a load after a write to a record in it gets the state after the write', async () => {
    const { id, comment } = await anArticle()
    const { reading, hold } = await heldAtItsEnd(() => textsOf(one, id))
    await other.dataSource.getRepository(Comment).update(comment, { text: 'y' })
    const later = await joining(one, () => textsOf(one, id))
    hold.release()

    expect(await later[0]).to.deep.equal(['y'])
    expect(await reading[0]).to.deep.equal(['x'])
  })

  it('who joins a load by an email after it was given away finds nobody', async () => {
    const users = other.dataSource.getRepository(User)
    const email = 'joined@example.org'
    const { id } = await users.save({ email })
    const { reading, hold } = await heldAtItsEnd(() => one.sweeper.findBy(User, { email }))
    await users.update(id, { email: 'left@example.org' })
    const later = await joining(one, () => one.sweeper.findBy(User, { email }))
    hold.release()

    expect(await later[0]).to.equal(null)
    expect((await reading[0])?.id).to.equal(id)
  })

  it('who joins a load after a write to what its factory depends on gets the state after it', async () => {
    const { comment } = await anArticle()
    const step = new Hold()
    // The token of an article of its own stays as it is when the comment is written.
    const unrelated = await anArticle()
    const read = (hold: boolean): Promise<string> =>
      one.sweeper.getOrSet({
        on: [Article, unrelated.id],
        key: 'added',
        factory: async ({ dependsOn }) => {
          await dependsOn([Comment, comment])
          const { text } = await one.dataSource
            .getRepository(Comment)
            .findOneByOrFail({ id: comment })
          if (hold) await step.here()
          return text
        },
      })
    const earlier = read(true)
    await step.reached
    await other.dataSource.getRepository(Comment).update(comment, { text: 'y' })
    const later = await joining(one, () => read(false))
    step.release()

    expect(await later[0]).to.equal('y')
    expect(await earlier).to.equal('x')
  })
})

describeWith(['postgres', 'redis'], 'objects where the database has replicas', (services) => {
  it('are loaded from the primary: what a replica says may be older than the tokens', async () => {
    const { postgres, redis } = services
    const [primary, replica] = [await postgres.createDatabase(), await postgres.createDatabase()]
    for (const [url, title] of [
      [primary, 'new'],
      [replica, 'old'],
    ]) {
      const options = { type: 'postgres', url, entities: ZOO, synchronize: true } as const
      const plain = await new DataSource(options as DataSourceOptions).initialize()
      await plain.getRepository(Article).save({ title: title ?? '' })
      await plain.destroy()
    }
    const dataSource = new DataSource({
      type: 'postgres',
      replication: { master: { url: primary }, slaves: [{ url: replica }] },
      entities: ZOO,
      subscribers: [SweepSubscriber],
    })
    const store = new RedisStore(redis.connect())
    const sweeper = new Sweeper(dataSource, {
      store,
      namespace: `${redis.namespace}-replica`,
      timeout: PATIENT,
    })
    await dataSource.initialize()

    const beside = await dataSource.getRepository(Article).findOneByOrFail({ id: 1 })
    const found = await sweeper.find(Article, 1)
    await dataSource.destroy()

    expect([beside.title, found?.title]).to.deep.equal(['old', 'new'])
  })
})
