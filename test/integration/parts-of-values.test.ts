import { expect } from 'chai'
import type { DataSource } from 'typeorm'
import {
  MemoryStore,
  record,
  type FactoryContext,
  type On,
  type RecordRef,
  type Sweeper,
} from '../../src/index'
import { RedisStore } from '../../src/redis'
import { describeWith, sqljs } from '../support/services'
import {
  expectRedisCommands,
  recordRedisCommands,
} from '../support/recorders/record-redis-commands'
import { Article, Page, Tag } from '../support/zoo'
import { zooSweeper, type ZooSweeper } from '../support/zoo-sweeper'

type Context = FactoryContext<On>

describeWith(['postgres', 'redis'], 'values that are parts of others, in Redis', (services) => {
  const { postgres, redis } = services
  itKnowsItsParts(() =>
    zooSweeper(postgres.options, {
      store: new RedisStore(redis.connect()),
      namespace: redis.namespace,
    }),
  )

  it('cost a hit of the outer value one command more, however many there are', async () => {
    const client = redis.connect()
    const { dataSource, sweeper } = await zooSweeper(postgres.options, {
      store: new RedisStore(client),
      namespace: `${redis.namespace}-costs`,
    })
    const pages = await dataSource.getRepository(Page).save(Array.from({ length: 50 }, () => ({})))
    const { id } = await dataSource.getRepository(Article).save({})
    const outer = (): Promise<string> =>
      sweeper.getOrSet({
        on: record(Article, id),
        key: 'outer',
        factory: async (partOf) => {
          const parts = pages.map((page) =>
            sweeper.getOrSet({ on: record(Page, page.id), key: 'p', partOf, factory: () => 'p' }),
          )
          return (await Promise.all(parts)).join('')
        },
      })
    await outer()
    await until(
      async () => (await sweeper.get({ on: record(Article, id), key: 'outer' })) !== undefined,
    )

    await expectRedisCommands(recordRedisCommands(client), 2, outer)
    await dataSource.destroy()
  })
})

describe('values that are parts of others, in memory', () => {
  itKnowsItsParts(() => zooSweeper(sqljs()))
})

/** Three records that do not belong to each other: what sweeps the outer one is that it has the others in it. */
function itKnowsItsParts(open: () => Promise<ZooSweeper>): void {
  let dataSource: DataSource
  let sweeper: Sweeper
  let article: RecordRef
  let page: RecordRef
  let tag: RecordRef
  let renders: string[]
  let slug = 0

  before(async () => {
    ;({ dataSource, sweeper } = await open())
  })
  after(() => dataSource.destroy())
  beforeEach(async () => {
    article = record(Article, (await dataSource.getRepository(Article).save({})).id)
    page = record(Page, (await dataSource.getRepository(Page).save({})).id)
    tag = record(Tag, (await dataSource.getRepository(Tag).save({ slug: `${++slug}` })).id)
    renders = []
  })

  const inner = (partOf?: Context): Promise<string> => value('inner', page, partOf, innermost)
  const innermost = (partOf?: Context): Promise<string> => value('innermost', tag, partOf)
  const outer = (): Promise<string> => value('outer', article, undefined, inner)

  function value(
    key: string,
    on: RecordRef,
    partOf: Context | undefined,
    part: (partOf: Context) => string | Promise<string> = () => '',
  ): Promise<string> {
    return sweeper.getOrSet({
      on,
      key,
      ...(partOf && { partOf }),
      factory: async (context) => {
        renders.push(key)
        return `<${key}>${await part(context)}</${key}>`
      },
    })
  }

  /** Which values are rendered when the outer one is read. */
  async function rendered(): Promise<readonly string[]> {
    renders = []
    await outer()
    return renders
  }

  const cached = (key: string, on: RecordRef): Promise<void> =>
    until(async () => (await sweeper.get({ on, key })) !== undefined)

  async function warm(): Promise<void> {
    await until(async () => (await rendered()).length === 0)
  }

  for (const [name, prepare] of [
    ['were made with it', () => Promise.resolve()],
    [
      'were there before it',
      async () => {
        await inner()
        await Promise.all([cached('inner', page), cached('innermost', tag)])
      },
    ],
  ] as const)
    describe(`when they ${name}`, () => {
      it('keep it while nothing changes', async () => {
        await prepare()
        await warm()

        expect(await rendered()).to.deep.equal([])
      })

      it('sweep it with what they depend on', async () => {
        await prepare()
        await warm()

        await dataSource.getRepository(Page).update({ id: page.id as number }, { title: 'new' })

        expect(await rendered()).to.deep.equal(['outer', 'inner'])
      })

      it('sweep it with what their own parts depend on', async () => {
        await prepare()
        await warm()

        await dataSource.getRepository(Tag).update({ id: tag.id as number }, { label: 'new' })

        expect(await rendered()).to.deep.equal(['outer', 'inner', 'innermost'])
      })
    })

  it('are served again when only the outer record has changed', async () => {
    await warm()

    await dataSource.getRepository(Article).update({ id: article.id as number }, { title: 'new' })

    expect(await rendered()).to.deep.equal(['outer'])
  })

  it('are not stored with it when one of them is not to be stored', async () => {
    const fills: string[] = []
    const off = sweeper.on('fill', ({ key }) => fills.push(key))

    await value('outer', article, undefined, (partOf) =>
      sweeper.getOrSet({ on: page, key: 'part', partOf, factory: ({ skip }) => (skip(), 'x') }),
    )
    await value('other', article, undefined)
    off()

    expect(fills).to.deep.equal(['other'])
  })

  it('are refused as part of another Sweeper’s value', async () => {
    const other = await zooSweeper(sqljs(), { store: new MemoryStore(), namespace: 'other' })
    const error = await other.sweeper
      .getOrSet({ on: record(Article, 1), key: 'outer', factory: (partOf) => inner(partOf) })
      .catch((thrown: unknown) => thrown)

    expect(error).to.have.property('code', 'SWEEPER_INVALID_OPTION')
    expect(error).to.have.property(
      'message',
      'getOrSet "inner": partOf is no load of this Sweeper; give what the outer value\'s factory was called with',
    )
    await other.dataSource.destroy()
  })
}

/** Waits for something that nobody waits for in production: a fill. */
async function until(condition: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    if (await condition()) return
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  throw new Error('it did not become true within a second')
}
