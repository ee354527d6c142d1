import { expect } from 'chai'
import { DataSource, type DataSourceOptions } from 'typeorm'
import { Sweeper, sweptQueryCache, SweepSubscriber, type SweeperOptions } from '../../src/index'
import { ClusterStore, RedisStore } from '../../src/redis'
import { holdQuery } from '../support/held-queries'
import { recordQueries, type QueryRecorder } from '../support/recorders/record-queries'
import { QUIET } from '../support/random-writes/random-writes'
import { describeOnSqlite, describeWith, sqljs } from '../support/services'
import { until } from '../support/until'
import { Article, Comment, Tag, User, Video, Vote, ZOO } from '../support/zoo'
import { PATIENT } from '../support/zoo-sweeper'

const LONG = 60_000

interface Opened {
  readonly dataSource: DataSource
  readonly sweeper: Sweeper
  readonly sql: QueryRecorder
  readonly warnings: readonly string[]
}

async function open(
  database: DataSourceOptions,
  options: SweeperOptions = {},
  provider: (dataSource: DataSource) => ReturnType<typeof sweptQueryCache> = sweptQueryCache,
): Promise<Opened> {
  const warnings: string[] = []
  const dataSource = new DataSource({
    ...database,
    entities: ZOO,
    subscribers: [SweepSubscriber],
    synchronize: true,
    dropSchema: true,
    cache: { provider },
    logger: { ...QUIET, log: (_: unknown, message: unknown) => warnings.push(String(message)) },
  } as DataSourceOptions)
  const sweeper = new Sweeper(dataSource, { timeout: PATIENT, ...options })
  await dataSource.initialize()
  return { dataSource, sweeper, sql: recordQueries(dataSource), warnings }
}

describeWith(['postgres', 'redis'], 'the query cache on PostgreSQL and Redis', (services) => {
  itCachesQueries(() =>
    open(services.postgres.options, {
      store: new RedisStore(services.redis.connect()),
      namespace: services.redis.namespace,
    }),
  )
})

describeWith(['redisCluster'], 'the query cache on a cluster', ({ redisCluster }) => {
  itCachesQueries(() =>
    open(sqljs(), {
      store: new ClusterStore(redisCluster.connect()),
      namespace: redisCluster.namespace,
    }),
  )
})

describeWith(['mariadb'], 'the query cache on MariaDB', ({ mariadb }) => {
  itCachesQueries(() => open(mariadb.options))
})

describeOnSqlite('the query cache', (options) => {
  itCachesQueries(() => open(options()))
})

/** Asks until the answer comes without a SELECT: fills are not waited for. */
async function hitOf<T>({ sql }: Opened, read: () => Promise<T>): Promise<T> {
  let answer: T | undefined
  await until(async () => {
    sql.reset()
    answer = await read()
    return sql.count === 0
  })
  return answer as T
}

/** The same read asks the database now. */
async function missOf<T>({ sql }: Opened, read: () => Promise<T>): Promise<T> {
  sql.reset()
  const answer = await read()
  expect(sql.count, 'statements').to.be.greaterThan(0)
  return answer
}

function itCachesQueries(begin: () => Promise<Opened>): void {
  let opened: Opened
  before(async () => {
    opened = await begin()
  })
  after(() => opened.dataSource.destroy())

  async function thread(): Promise<{ article: Article; comment: Comment; tag: Tag }> {
    const { manager } = opened.dataSource
    const article = await manager.save(manager.create(Article, { title: 'first' }))
    const comment = await manager.save(manager.create(Comment, { text: 'hello', article }))
    const tag = await manager.save(manager.create(Tag, { slug: `tag-${article.id}`, label: 'old' }))
    article.tags = [tag]
    await manager.save(article)
    return { article, comment, tag }
  }

  const reads: Readonly<Record<string, (article: Article) => Promise<unknown>>> = {
    find: ({ id }) =>
      opened.dataSource.getRepository(Article).find({
        where: { id },
        relations: { comments: true, tags: true },
        cache: LONG,
      }),
    findAndCount: ({ id }) =>
      opened.dataSource.getRepository(Comment).findAndCount({
        where: { article: { id, tags: { label: 'old' } } },
        take: 2,
        order: { id: 'ASC' },
        cache: LONG,
      }),
    getRawMany: ({ id }) =>
      opened.dataSource
        .getRepository(Article)
        .createQueryBuilder('a')
        .select('a.title', 'title')
        .addSelect(
          (q) =>
            q
              .select('MAX(c.text)', 'n')
              .from(Comment, 'c')
              .where('c.articleId = a.id AND c.deletedAt IS NULL'),
          'n',
        )
        .leftJoin('a.tags', 't')
        .addSelect('t.label', 'label')
        .where('a.id = :id', { id })
        .cache(LONG)
        .getRawMany(),
    getCount: ({ id }) =>
      opened.dataSource
        .getRepository(Tag)
        .createQueryBuilder('t')
        .innerJoin('t.articles', 'a')
        .innerJoin('a.comments', 'c')
        .where('a.id = :id AND t.label = :label AND c.text <> :none AND a.title <> :none', {
          id,
          label: 'old',
          none: '',
        })
        .cache(LONG)
        .getCount(),
    CTE: ({ id }) =>
      opened.dataSource
        .createQueryBuilder()
        .addCommonTableExpression(
          opened.dataSource
            .createQueryBuilder(Comment, 'c')
            .select('c.text', 'text')
            .innerJoin('c.article', 'a')
            .leftJoin('a.tags', 't')
            .addSelect('a.title', 'title')
            .addSelect('t.label', 'label')
            .where(`a.id = ${id}`),
          'mine',
        )
        .select('*')
        .from('mine', 'mine')
        .cache(LONG)
        .getRawMany(),
  }

  for (const [name, read] of Object.entries(reads)) {
    it(`${name} is answered without a query, as the database would`, async () => {
      const { article } = await thread()
      const first = await missOf(opened, () => read(article))
      expect(await hitOf(opened, () => read(article))).to.deep.equal(first)
    })

    it(`${name} is a miss after a write to any table it reads`, async () => {
      const { article, comment, tag } = await thread()
      const { manager } = opened.dataSource
      const writes: readonly (() => Promise<unknown>)[] = [
        () => manager.update(Comment, comment.id, { text: 'changed' }),
        () => manager.save(Article, { id: article.id, title: 'second' }),
        () => manager.update(Tag, tag.id, { label: 'new' }),
        () => manager.save(Article, { id: article.id, tags: [] }),
        () => manager.softDelete(Comment, comment.id),
      ]
      let last = await hitOf(opened, () => read(article))
      const isCount = name === 'getCount' || name === 'findAndCount'
      for (const write of writes) {
        await write()
        const now = await missOf(opened, () => read(article))
        if (!isCount) expect(now, 'the answer').not.to.deep.equal(last)
        last = await hitOf(opened, () => read(article))
        expect(last).to.deep.equal(now)
      }
    })
  }

  it('a write to a table that a query does not read leaves it cached', async () => {
    const { article } = await thread()
    const read = (): Promise<unknown> =>
      opened.dataSource
        .getRepository(Tag)
        .find({ where: { slug: `tag-${article.id}` }, cache: LONG })
    await hitOf(opened, read)
    await opened.dataSource.manager.save(Vote, { value: 3 })
    opened.sql.reset()
    await read()
    expect(opened.sql.count).to.equal(0)
  })

  it('an inherited table is one table for all its classes', async () => {
    const { manager } = opened.dataSource
    const video = await manager.save(Video, { title: 'v', seconds: 1 })
    const read = (): Promise<Video[]> =>
      manager.find(Video, { where: { id: video.id }, cache: LONG })
    await hitOf(opened, read)
    await manager.update(Video, video.id, { seconds: 2 })
    expect((await missOf(opened, read))[0]?.seconds).to.equal(2)
  })

  it('a result that is late does not outlive the write it missed', async () => {
    const { article } = await thread()
    const { manager } = opened.dataSource
    const read = (): Promise<Article | null> =>
      manager.findOne(Article, {
        where: { id: article.id },
        cache: { id: 'late', milliseconds: LONG },
      })
    const hold = holdQuery(opened.dataSource, 'SELECT', { when: 'after' })
    const late = read()
    await hold.reached
    await manager.update(Article, article.id, { title: 'newer' })
    hold.release()
    await late
    expect((await read())?.title).to.equal('newer')
    expect((await hitOf(opened, read))?.title).to.equal('newer')
  })

  it('in a transaction that has written, reads see its writes and store nothing', async () => {
    const { article } = await thread()
    const read = (from = opened.dataSource.manager): Promise<Article | null> =>
      from.findOne(Article, { where: { id: article.id }, cache: LONG })
    await hitOf(opened, read)
    await opened.dataSource
      .transaction(async (inner) => {
        await inner.update(Article, article.id, { title: 'uncommitted' })
        expect((await read(inner))?.title).to.equal('uncommitted')
        expect((await read(inner))?.title).to.equal('uncommitted')
        throw new RolledBack()
      })
      .catch((error: unknown) => {
        if (!(error instanceof RolledBack)) throw error
      })
    expect((await read())?.title).to.equal('first')
  })

  it('one cache id on two queries keeps them apart, and remove([id]) forgets both', async () => {
    const { article, tag } = await thread()
    const { manager, queryResultCache } = opened.dataSource
    const cache = { id: 'same', milliseconds: LONG }
    const one = (): Promise<unknown> => manager.find(Article, { where: { id: article.id }, cache })
    const other = (): Promise<unknown> => manager.find(Tag, { where: { id: tag.id }, cache })
    const apart = (): Promise<unknown> => manager.find(Tag, { where: { id: tag.id }, cache: LONG })
    const found = await hitOf(opened, one)
    expect(await hitOf(opened, other)).not.to.deep.equal(found)
    await hitOf(opened, apart)
    await queryResultCache?.remove(['same'])
    await missOf(opened, one)
    await missOf(opened, other)
    opened.sql.reset()
    await apart()
    expect(opened.sql.count).to.equal(0)
  })

  it('clear() forgets all queries and nothing else', async () => {
    const { article } = await thread()
    const { dataSource, sweeper } = opened
    const read = (): Promise<unknown> =>
      dataSource.manager.find(Article, { where: { id: article.id }, cache: LONG })
    await hitOf(opened, read)
    const value = { on: Article, key: 'kept' } as const
    await sweeper.getOrSet({ ...value, factory: () => 'kept' })
    await until(async () => (await sweeper.get(value)) === 'kept')
    await dataSource.queryResultCache?.clear()
    await missOf(opened, read)
    expect(await sweeper.get(value)).to.equal('kept')
  })

  it('a duration ends', async () => {
    const { article } = await thread()
    const read = (): Promise<unknown> =>
      opened.dataSource.manager.find(Article, { where: { id: article.id }, cache: 300 })
    await hitOf(opened, read)
    await until(async () => {
      opened.sql.reset()
      await read()
      return opened.sql.count > 0
    })
  })

  it('a raw write is seen too', async () => {
    const { article } = await thread()
    const { manager } = opened.dataSource
    const read = (): Promise<Article | null> =>
      manager.findOne(Article, { where: { id: article.id }, cache: LONG })
    await hitOf(opened, read)
    await manager.query(`UPDATE zoo_article SET title = 'raw' WHERE id = ${article.id}`)
    expect((await read())?.title).to.equal('raw')
  })
}

class RolledBack extends Error {}

describe('the query cache, where a text does not tell what it reads', () => {
  const ways: readonly (readonly [string, (dataSource: DataSource) => Promise<unknown>])[] = [
    [
      'a view',
      (ds) => ds.createQueryBuilder().select('*').from('busy', 'busy').cache(LONG).getRawMany(),
    ],
    [
      'a function',
      (ds) =>
        ds
          .getRepository(User)
          .createQueryBuilder('u')
          .select('changes()', 'n')
          .cache(LONG)
          .getRawMany(),
    ],
  ]

  async function openWithView(
    provider?: (dataSource: DataSource) => ReturnType<typeof sweptQueryCache>,
  ): Promise<Opened> {
    const opened = await open(sqljs(), {}, provider)
    await opened.dataSource.query(
      'CREATE VIEW busy AS SELECT articleId, COUNT(*) n FROM zoo_comment GROUP BY 1',
    )
    return opened
  }

  for (const [name, read] of ways)
    it(`${name} is not cached, and told once`, async () => {
      const { dataSource, sql, warnings } = await openWithView()
      for (let time = 0; time < 3; time++) await read(dataSource)
      sql.reset()
      await read(dataSource)
      expect(sql.count).to.equal(1)
      expect(warnings.filter((text) => text.includes('is not cached'))).to.have.length(1)
      await dataSource.destroy()
    })

  it('is cached when its entities are declared, and swept with them', async () => {
    const opened = await openWithView(
      sweptQueryCache.with({ views: { busy: [Comment] }, functions: { changes: [] } }),
    )
    for (const [, read] of ways) await hitOf(opened, () => read(opened.dataSource))
    await opened.dataSource.manager.save(Comment, { text: 'new' })
    for (const [name, read] of ways) {
      opened.sql.reset()
      await read(opened.dataSource)
      expect(opened.sql.count, name).to.equal(name === 'a view' ? 1 : 0)
    }
    await opened.dataSource.destroy()
  })

  it('a DataSource without a Sweeper is told, and queries go to the database', async () => {
    const warnings: string[] = []
    const dataSource = await new DataSource({
      ...sqljs(),
      entities: ZOO,
      synchronize: true,
      cache: { provider: sweptQueryCache },
      logger: { ...QUIET, log: (_: unknown, message: unknown) => warnings.push(String(message)) },
    } as DataSourceOptions).initialize()
    for (let time = 0; time < 2; time++)
      expect(await dataSource.manager.find(User, { cache: true })).to.deep.equal([])
    expect(warnings.filter((text) => text.includes('no Sweeper'))).to.have.length(1)
    await dataSource.destroy()
  })
})
