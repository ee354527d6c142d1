import { expect } from 'chai'
import { MemoryStore, record, Sweeper, type On, type SweeperOptions } from '../../src/index'
import { ForgettingStore } from '../../src/testing'
import { sqljs } from '../support/services'
import { until } from '../support/until'
import { Article, Comment } from '../support/zoo'
import { PATIENT, zooSweeper, type ZooSweeper } from '../support/zoo-sweeper'

describe('explain()', () => {
  let store: ForgettingStore
  let zoo: ZooSweeper
  let article: Article
  let comment: Comment

  async function open(options: SweeperOptions = {}): Promise<void> {
    store = new ForgettingStore(new MemoryStore())
    zoo = await zooSweeper(sqljs(), { store, namespace: 'explain', ...options })
    const { manager } = zoo.dataSource
    article = await manager.save(manager.create(Article, { title: 'Tokens' }))
    comment = await manager.save(manager.create(Comment, { text: 'Nice.', article }))
  }

  afterEach(() => zoo.dataSource.destroy())

  const fill = async (on: On, key = 'page'): Promise<void> => {
    const { sweeper } = zoo
    await sweeper.getOrSet({ on, key, factory: () => 'x' })
    await until(async () => (await sweeper.get({ on, key })) !== undefined)
  }

  const page = (): On => record(Article, article.id)
  const change = (): Promise<unknown> =>
    zoo.dataSource.getRepository(Comment).update(comment.id, { text: 'Very nice.' })

  it('tells a hit, under which versions, and the last write to what it depends on', async () => {
    await open()
    await fill(page())

    const explained = await zoo.sweeper.explain(page(), 'page')

    expect(explained).to.include({ hit: true, reason: undefined, key: 'page' })
    const [token, type] = explained.tokens
    expect(token?.name).to.equal(`Article:${article.id}`)
    expect(token?.version).to.be.a('string').and.equal(token?.madeUnder)
    expect(token?.lastWrite).to.include({ record: `Comment:${comment.id}`, operation: 'insert' })
    expect(type).to.include({ name: 'all of Article', moved: false, marked: false })
    expect(String(explained)).to.match(/: hit, fresh until /)
    expect(String(explained)).to.contain(`, version "${token?.version}"; last write here: insert`)
  })

  it('tells whether a write was seen, though nobody has cached what was written', async () => {
    await open()
    await change()

    const text = String(await zoo.sweeper.explain(record(Comment, comment.id), 'page'))

    expect(text).to.match(
      new RegExp(`nobody has cached it yet; last write here: update of Comment:${comment.id} at `),
    )
  })

  it('tells which token moved, by which write, on which way, and when', async () => {
    await open()
    await fill(page())
    const before = Date.now()
    await change()

    const explained = await zoo.sweeper.explain(page(), 'page')

    expect(explained).to.include({ hit: false, reason: 'swept' })
    const [token] = explained.tokens.filter(({ moved }) => moved)
    expect(token?.name).to.equal(`Article:${article.id}`)
    expect(token?.lastWrite).to.deep.include({
      record: `Comment:${comment.id}`,
      operation: 'update',
      path: [`Comment:${comment.id}`],
      relations: ['Comment.article'],
      delivered: true,
    })
    expect(token?.lastWrite?.at.getTime()).to.be.within(before, Date.now())
    expect(token?.since?.getTime()).to.be.within(before - 1, Date.now())
    expect(String(explained)).to.match(
      new RegExp(
        `Article:${article.id}: moved at \\S+ from version "[^"]+" to "[^"]+"; last write here: update of Comment:${comment.id} through Comment.article at`,
      ),
    )
  })

  it('tells when something else than a write of this process moved it', async () => {
    await open()
    await zoo.sweeper.close()
    const { dataSource } = zoo
    const sweeper = new Sweeper(dataSource, { store, namespace: 'explain', timeout: PATIENT })
    zoo = { ...zoo, sweeper }
    await fill(page())
    // As another process does it.
    await store.sweep([{ key: `explain:t:{zoo_article:${article.id}}`, row: true }])

    const explained = await sweeper.explain(page(), 'page')

    expect(explained.reason).to.equal('swept')
    expect(explained.tokens[0]).to.include({ moved: true, lastWrite: undefined })
    expect(String(explained)).to.match(
      /moved at \S+ from version "[^"]+" to "[^"]+"; no write of this process is recorded since /,
    )
  })

  it('tells that a token was lost', async () => {
    await open()
    await fill(page())
    store.forgetAll()

    const explained = await zoo.sweeper.explain(page(), 'page')

    expect(explained.reason).to.equal('swept')
    expect(explained.tokens[0]).to.include({ version: undefined, moved: true })
    expect(String(explained)).to.contain('has no version, as the store has lost it')
  })

  it('follows what the factory added', async () => {
    await open()
    const { sweeper } = zoo
    await sweeper.getOrSet({
      on: page(),
      key: 'added',
      factory: async (context) => {
        await context.dependsOn(record(Comment, comment.id))
        return 'x'
      },
    })
    await until(async () => (await sweeper.get({ on: page(), key: 'added' })) !== undefined)
    await sweeper.sweep(record(Comment, comment.id), { cascade: false })

    const { reason, tokens } = await sweeper.explain(page(), 'added')

    expect(reason).to.equal('swept')
    expect(tokens.filter(({ moved }) => moved).map(({ name }) => name)).to.deep.equal([
      `Comment:${comment.id}`,
    ])
    expect(tokens.find(({ moved }) => moved)?.lastWrite?.operation).to.equal('manual')
  })

  it('tells apart values that vary, and what was cleared', async () => {
    await open()
    const { sweeper } = zoo
    await sweeper.getOrSet({ on: page(), key: 'v', vary: ['de'], factory: () => 'x' })
    await until(async () => (await sweeper.explain(page(), 'v', ['de'])).hit)

    expect((await sweeper.explain(page(), 'v', ['en'])).reason).to.equal('absent')
    await sweeper.clear()
    const { tokens } = await sweeper.explain(page(), 'v', ['de'])
    expect(tokens.find(({ name }) => name === 'all of Article')?.lastWrite?.operation).to.equal(
      'clear',
    )
  })

  it('forgets the eldest writes, and keeps none where it is off', async () => {
    await open({ explain: { tokens: 1 } })
    await change()
    const remembered = await zoo.sweeper.explain(
      [record(Article, article.id), record(Comment, comment.id)],
      'p',
    )
    expect(remembered.tokens.filter(({ lastWrite }) => lastWrite)).to.have.length.at.most(1)
    await zoo.dataSource.destroy()

    await open({ explain: false })
    await fill(page())
    const off = await zoo.sweeper.explain(page(), 'page')

    expect(off.hit).to.equal(true)
    expect(off.recordedSince).to.equal(undefined)
    expect(String(off)).to.contain('writes are not recorded (option explain)')
  })

  it('is off in production unless it is switched on', async () => {
    const { NODE_ENV } = process.env
    process.env['NODE_ENV'] = 'production'
    try {
      await open()
      expect((await zoo.sweeper.explain(page(), 'page')).recordedSince).to.equal(undefined)
      await zoo.dataSource.destroy()
      await open({ explain: true })
      expect((await zoo.sweeper.explain(page(), 'page')).recordedSince).to.be.instanceOf(Date)
    } finally {
      if (NODE_ENV === undefined) delete process.env['NODE_ENV']
      else process.env['NODE_ENV'] = NODE_ENV
    }
  })
})
