import { expect } from 'chai'
import { AsyncLocalStorage, AsyncResource } from 'node:async_hooks'
import { Client } from 'pg'
import {
  children,
  MemoryStore,
  record,
  sweptQueryCache,
  type FactoryContext,
  type On,
  type ShadowEvent,
  type ShadowOutcome,
  type SweeperOptions,
} from '../../src/index'
import { RedisStore } from '../../src/redis'
import { GatedStore } from '../support/gated-store'
import { describeWith, sqljs } from '../support/services'
import { until } from '../support/until'
import { Article, Comment } from '../support/zoo'
import { zooSweeper, type ZooSweeper } from '../support/zoo-sweeper'

const SOON = { rate: 1, delay: '20ms' } as const

function overheard({ sweeper }: ZooSweeper): ShadowEvent[] {
  const events: ShadowEvent[] = []
  sweeper.on('shadow', (event) => events.push(event))
  return events
}

async function fill(zoo: ZooSweeper, on: On, key: string, factory: () => unknown): Promise<void> {
  await zoo.sweeper.getOrSet({ on, key, shadow: false, factory })
  await until(async () => (await zoo.sweeper.explain(on, key)).hit)
}

const outcomes = (events: readonly ShadowEvent[]): readonly ShadowOutcome[] =>
  events.map(({ outcome }) => outcome)

describeWith(['postgres', 'redis'], 'shadow, on PostgreSQL and Redis', ({ postgres, redis }) => {
  let zoo: ZooSweeper
  let elsewhere: Client
  let events: ShadowEvent[]
  let article: Article

  async function open(options: SweeperOptions = {}): Promise<void> {
    const store = new RedisStore(redis.connect())
    const namespace = `${redis.namespace}:shadow`
    zoo = await zooSweeper(postgres.options, { store, namespace, shadow: SOON, ...options })
    events = overheard(zoo)
    article = await zoo.dataSource.getRepository(Article).save({ title: 'Tokens' })
    elsewhere = new Client(postgres.url)
    await elsewhere.connect()
  }

  afterEach(async () => {
    await elsewhere.end()
    await zoo.dataSource.destroy()
  })

  const load = (): Promise<Article> =>
    zoo.dataSource.getRepository(Article).findOneByOrFail({ id: article.id })
  const page = async (): Promise<unknown> => {
    const { title, updatedAt } = await load()
    return { of: [{ title, updatedAt }] }
  }
  const on = (): On => record(Article, article.id)
  const read = (factory: () => unknown = page): Promise<unknown> =>
    zoo.sweeper.getOrSet({ on: on(), key: 'page', factory })
  const writeElsewhere = (): Promise<unknown> =>
    elsewhere.query(`UPDATE zoo_article SET title = 'Better tokens' WHERE id = ${article.id}`)

  it('finds a value the same that is what the database says', async () => {
    await open()
    await fill(zoo, on(), 'page', page)
    await read()
    await until(async () => events.length === 1)

    expect(outcomes(events)).to.deep.equal(['same'])
    expect(events[0]).to.include({ key: 'page' })
    expect(events[0]?.loadMs).to.be.above(0)
  })

  it('finds what another program has written, where, and how old what was served is', async () => {
    await open()
    await fill(zoo, on(), 'page', page)
    await writeElsewhere()
    await new Promise((resolve) => setTimeout(resolve, 50))
    await read()
    await until(async () => events.length === 1)

    expect(outcomes(events)).to.deep.equal(['different'])
    expect(events[0]).to.include({ key: 'page', at: '.of[0].title' })
    expect(events[0]?.ageMs).to.be.within(50, 5000)
  })

  it('does not load what was swept between hit and load', async () => {
    await open({ shadow: { rate: 1, delay: '400ms' } })
    await fill(zoo, on(), 'page', page)
    let loads = 0
    await read(() => {
      loads += 1
      return page()
    })
    await zoo.dataSource.getRepository(Article).update(article.id, { title: 'Better tokens' })
    await until(async () => events.length === 1)

    expect({ loads, outcomes: outcomes(events) }).to.deep.equal({
      loads: 0,
      outcomes: ['inconclusive'],
    })
  })

  it('takes no write for a difference whose sweep arrives after the load', async () => {
    const store = new GatedStore(new RedisStore(redis.connect()))
    await open({ store, marks: false, shadow: { rate: 1, delay: '100ms' } })
    await fill(zoo, on(), 'page', page)
    const sweep = store.hold('sweep')
    const written = zoo.dataSource.getRepository(Article).update(article.id, { title: 'Better' })
    await sweep.reached
    let loads = 0
    await read(() => {
      loads += 1
      return page()
    })
    await until(async () => loads === 1)
    sweep.release()
    await written
    await until(async () => events.length === 1)

    expect(outcomes(events)).to.deep.equal(['inconclusive'])
  })

  it('takes no write for a difference that is being committed', async () => {
    await open()
    await fill(zoo, on(), 'page', page)
    let isRead = false
    const readElsewhere = AsyncResource.bind(() => read())
    await zoo.dataSource.transaction(async (manager) => {
      await manager.update(Article, article.id, { title: 'Better tokens' })
      await readElsewhere()
      isRead = true
    })
    await until(async () => events.length === 1)

    expect({ isRead, outcomes: outcomes(events) }).to.deep.equal({
      isRead: true,
      outcomes: ['inconclusive'],
    })
  })

  it('finds objects that differ, their relations in any order, and lists', async () => {
    await open()
    const { sweeper, dataSource } = zoo
    const comments = dataSource.getRepository(Comment)
    await comments.save([
      { text: 'one', article },
      { text: 'two', article },
    ])
    const ids = async (): Promise<readonly Comment[]> =>
      comments.find({
        select: { id: true },
        where: { article: { id: article.id } },
        order: { id: 1 },
      })
    const list = { on: children(Article, article.id, 'comments'), key: 'comments', ids }
    const readAll = async (): Promise<void> => {
      await sweeper.find(Article, article.id, { relations: ['comments'] })
      await sweeper.findMany(
        Comment,
        (await ids()).map(({ id }) => id),
      )
      await sweeper.list(Comment, list)
    }
    let hits = 0
    sweeper.on('hit', () => hits++)
    const compared = (): Promise<void> => until(async () => events.length === hits)
    // Fills are not waited for.
    await until(async () => {
      const before = hits
      await readAll()
      return hits - before === 6
    })
    await compared()
    // PostgreSQL gives rows in the order they lie in, and puts a changed row behind the others.
    await elsewhere.query(`UPDATE zoo_comment SET text = 'one' WHERE text = 'one'`)
    await readAll()
    await compared()
    expect(new Set(outcomes(events))).to.deep.equal(new Set(['same']))

    await elsewhere.query(`UPDATE zoo_comment SET text = 'three' WHERE text = 'one'`)
    await sweeper.find(Article, article.id, { relations: ['comments'] })
    await compared()
    expect(events.at(-1)).to.include({ outcome: 'different', key: 'find' })
  })

  it('is not misled by an instance in the hand that is older than what was served', async () => {
    await open()
    const old = await load()
    await elsewhere.query('SELECT 1')
    await zoo.dataSource.getRepository(Article).update(article.id, { updatedAt: old.updatedAt })
    await fill(zoo, on(), 'title', () => 'Better tokens')
    await zoo.sweeper.getOrSet({ on: old, key: 'title', factory: () => old.title })
    await until(async () => events.length === 1)

    expect(outcomes(events)).to.deep.equal(['inconclusive'])
  })

  it('compares what the near tier served', async () => {
    await open({ near: { level: 'request' } })
    const { sweeper } = zoo
    await fill(zoo, on(), 'page', page)
    await sweeper.request(read)
    await until(async () => events.length === 1)
    await writeElsewhere()
    await sweeper.request(async () => {
      await read()
      await until(async () => events.length === 2)
      await read()
    })
    await until(async () => events.length === 3)

    expect(outcomes(events)).to.deep.equal(['same', 'different', 'different'])
  })
})

describe('shadow', () => {
  let zoo: ZooSweeper
  let events: ShadowEvent[]
  const on = record(Article, 1)

  async function open(options: SweeperOptions = {}): Promise<void> {
    zoo = await zooSweeper(sqljs(), {
      store: new MemoryStore(),
      namespace: 'shadow',
      shadow: SOON,
      ...options,
    })
    events = overheard(zoo)
  }

  afterEach(() => zoo.dataSource.destroy())

  it('keeps an error of the factory to itself, and tells it', async () => {
    await open()
    await fill(zoo, on, 'page', () => 'x')
    const fault = new Error('the database is away')

    const value = await zoo.sweeper.getOrSet({
      on,
      key: 'page',
      factory: () => Promise.reject(fault),
    })
    await until(async () => events.length === 1)

    expect(value).to.equal('x')
    expect(events[0]).to.include({ outcome: 'failed', error: fault })
  })

  it('compares as many of the hits as it was told to', async () => {
    await open({ shadow: { rate: 0.5, delay: '1ms' } })
    await fill(zoo, on, 'page', () => 'x')
    for (let reads = 0; reads < 400; reads++)
      await zoo.sweeper.getOrSet({ on, key: 'page', factory: () => 'x' })
    await until(async () => outcomes(events).filter((outcome) => outcome === 'same').length === 100)

    // Ten times the standard deviation.
    expect(events.length).to.be.within(100, 300)
  })

  it('compares none where it is off, or the reader says so', async () => {
    await open({ shadow: 0 })
    await fill(zoo, on, 'page', () => 'x')
    await zoo.sweeper.getOrSet({ on, key: 'page', factory: () => 'y' })
    await zoo.dataSource.destroy()
    const off = events
    await open()
    await fill(zoo, on, 'page', () => 'x')
    await zoo.sweeper.getOrSet({ on, key: 'page', shadow: false, factory: () => 'y' })
    await zoo.sweeper.getOrSetMany({ on: [on], key: 'page', shadow: false, factory: () => ['y'] })
    await zoo.sweeper.getOrSetMany({ on: [on], key: 'page', factory: () => ['y'] })
    await until(async () => events.length > 0)

    expect([outcomes(off), outcomes(events)]).to.deep.equal([[], ['different']])
  })

  it('loads a few at once, and lets go and tells what comes while a hundred wait', async () => {
    await open({ shadow: { rate: 1, delay: '1ms', concurrency: 2 } })
    await fill(zoo, on, 'page', () => 'x')
    let openGate = (): void => undefined
    const gate = new Promise<void>((resolve) => {
      openGate = resolve
    })
    let underWay = 0
    let atMost = 0
    const factory = async (): Promise<string> => {
      underWay += 1
      atMost = Math.max(atMost, underWay)
      await gate
      underWay -= 1
      return 'x'
    }
    const read = (): Promise<string> => zoo.sweeper.getOrSet({ on, key: 'page', factory })
    for (let reads = 0; reads < 50; reads++) await read()
    await until(async () => underWay === 2)
    for (let reads = 0; reads < 60; reads++) await read()
    const dropped = outcomes(events)
    openGate()
    await until(async () => events.length === 110)

    expect(dropped).to.deep.equal(Array.from({ length: 8 }, () => 'dropped'))
    expect(outcomes(events.slice(8))).to.deep.equal(Array.from({ length: 102 }, () => 'same'))
    expect(atMost).to.equal(2)
  })

  it('forgets what waits when it is closed, and tells who is loading to stop', async () => {
    await open()
    await fill(zoo, on, 'page', () => 'x')
    let signal: AbortSignal | undefined
    const factory = async (context: FactoryContext<On>): Promise<string> => {
      signal = context.signal
      await new Promise((resolve) => context.signal.addEventListener('abort', resolve))
      return 'y'
    }
    await zoo.sweeper.getOrSet({ on, key: 'page', factory })
    await until(async () => signal !== undefined)
    await zoo.sweeper.getOrSet({ on, key: 'page', factory: () => 'y' })

    await zoo.sweeper.close()
    await new Promise((resolve) => setTimeout(resolve, 60))

    expect(signal?.aborted).to.equal(true)
    expect(events).to.deep.equal([])
  })

  it('keeps nobody waiting who closes, for a load that hangs', async () => {
    await open({ timeout: '50ms' })
    await fill(zoo, on, 'page', () => 'x')
    let isLoading = false
    const factory = (): Promise<string> => {
      isLoading = true
      return new Promise(() => undefined)
    }
    await zoo.sweeper.getOrSet({ on, key: 'page', factory })
    await until(async () => isLoading)

    await zoo.sweeper.close()

    expect(events).to.deep.equal([])
  })

  it('loads what a value is made of anew too, and tells of no misses for it', async () => {
    await open()
    const { sweeper } = zoo
    let inner = 'old'
    const factory = (partOf: FactoryContext<On>): Promise<string> =>
      sweeper.getOrSet({ on: record(Article, 2), key: 'box', partOf, factory: () => inner })
    await sweeper.getOrSet({ on, key: 'page', factory })
    await until(async () => (await sweeper.explain(on, 'page')).hit)
    let misses = 0
    sweeper.on('miss', () => misses++)
    inner = 'new'

    expect(await sweeper.getOrSet({ on, key: 'page', factory })).to.equal('old')
    await until(async () => events.length === 1)

    expect({ outcomes: outcomes(events), misses }).to.deep.equal({
      outcomes: ['different'],
      misses: 0,
    })
    expect(await sweeper.get({ on, key: 'page' })).to.equal('old')
  })

  it("asks the database, and not TypeORM's cache of queries", async () => {
    const cached = { ...sqljs(), cache: { provider: sweptQueryCache } }
    zoo = await zooSweeper(cached, {
      store: new MemoryStore(),
      namespace: 'shadow',
      shadow: SOON,
    })
    events = overheard(zoo)
    const articles = zoo.dataSource.getRepository(Article)
    await articles.save({ title: 'Tokens' })
    const factory = async (): Promise<string | undefined> =>
      (await articles.findOne({ where: { id: 1 }, cache: true }))?.title
    await fill(zoo, on, 'page', factory)
    let hits = 0
    zoo.sweeper.on('hit', ({ key }) => (hits += key === 'query' ? 1 : 0))
    await factory()
    await zoo.sweeper.getOrSet({ on, key: 'page', factory })
    await until(async () => events.length === 1)

    expect({ outcomes: outcomes(events), hits }).to.deep.equal({ outcomes: ['same'], hits: 1 })
  })

  it('leaves alone what is read with a manager', async () => {
    await open()
    await fill(zoo, on, 'page', () => 'x')
    await zoo.dataSource.transaction((manager) =>
      zoo.sweeper.getOrSet({ on, key: 'page', manager, factory: () => 'y' }),
    )
    const runner = zoo.dataSource.createQueryRunner()
    const { manager } = runner
    await zoo.sweeper.getOrSet({ on, key: 'page', manager, factory: () => 'y' })
    await zoo.sweeper.getOrSet({ on, key: 'page', factory: () => 'x' })
    await until(async () => events.length > 0)

    expect(outcomes(events)).to.deep.equal(['same'])
  })

  it('compares what was served, whatever its reader does to it, and takes no order of properties for a difference', async () => {
    await open()
    const made = { at: new Date(0), parts: new Map([['a', { bytes: Buffer.from('x'), n: 1n }]]) }
    await fill(zoo, on, 'page', () => made)
    await fill(zoo, on, 'bytes', () => Buffer.from('x'))
    const again = (): unknown => ({ parts: new Map(made.parts), at: new Date(0) })
    const value = await zoo.sweeper.getOrSet({
      on,
      key: 'page',
      factory: again as () => typeof made,
    })
    value.parts.clear()
    const bytes = await zoo.sweeper.getOrSet({ on, key: 'bytes', factory: () => Buffer.from('x') })
    bytes.fill(0)
    await until(async () => events.length === 2)

    expect(outcomes(events)).to.deep.equal(['same', 'same'])
  })

  it('counts a factory that skips as no answer', async () => {
    await open()
    await fill(zoo, on, 'page', () => 'x')
    const factory = ({ skip }: FactoryContext<On>): string => {
      skip()
      return 'a placeholder'
    }
    await zoo.sweeper.getOrSet({ on, key: 'page', factory })
    await until(async () => events.length === 1)

    expect(outcomes(events)).to.deep.equal(['inconclusive'])
  })

  it("calls each factory in its own reader's async context", async () => {
    await open()
    await fill(zoo, on, 'page', () => 'x')
    const tenant = new AsyncLocalStorage<string>()
    const seen: (string | undefined)[] = []
    const factory = (): string => {
      seen.push(tenant.getStore())
      return 'x'
    }
    // Their look-ups travel together.
    await Promise.all(
      ['a', 'b'].map((name) =>
        tenant.run(name, () => zoo.sweeper.getOrSet({ on, key: 'page', factory })),
      ),
    )
    await until(async () => events.length === 2)

    expect(seen).to.deep.equal(['a', 'b'])
  })

  it('tells of transactions of others on the one connection that all share as of no answer', async () => {
    await open()
    await fill(zoo, on, 'page', () => 'x')
    const held = zoo.dataSource.createQueryRunner()
    let isOpen = false
    await zoo.sweeper.getOrSet({
      on,
      key: 'page',
      factory: async () => {
        await held.startTransaction()
        isOpen = true
        return 'what is not committed'
      },
    })
    await until(async () => events.length === 1)
    await held.rollbackTransaction()

    expect({ isOpen, outcomes: outcomes(events) }).to.deep.equal({
      isOpen: true,
      outcomes: ['inconclusive'],
    })
  })
})
