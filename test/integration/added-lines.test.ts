import { expect } from 'chai'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DataSource, type DataSourceOptions } from 'typeorm'
import { Sweeper, sweptQueryCache, SweepSubscriber } from '../../src/index'
import { BlogService as CachedService } from '../support/blog-service/cached'
import { BlogService as PlainService, type Filter } from '../support/blog-service/plain'
import { QUIET } from '../support/random-writes/random-writes'
import { recordQueries, type QueryRecorder } from '../support/recorders/record-queries'
import { describeWith, sqljs } from '../support/services'
import { until } from '../support/until'
import { Article, Comment, Tag, ZOO } from '../support/zoo'
import { PATIENT } from '../support/zoo-sweeper'

// The compiled suites also run from the folders of other TypeORM versions; mocha starts in the project's own.
const ROOT = process.cwd()

describe('a service of the usual kind', () => {
  it('is cached by added lines alone', () => {
    const linesOf = (name: string): string[] =>
      readFileSync(join(ROOT, 'test', 'support', 'blog-service', name), 'utf8').split('\n')
    const cached = linesOf('cached.ts')
    let at = 0
    for (const line of linesOf('plain.ts')) {
      at = cached.indexOf(line, at) + 1
      expect(at, line).to.be.greaterThan(0)
    }
    expect(cached.filter((line) => /\bcache\b/.test(line))).to.have.length(4)
  })
})

describeWith(['postgres'], 'a cached service of the usual kind, on PostgreSQL', ({ postgres }) => {
  itIsCorrect(() => postgres.options)
})

describe('a cached service of the usual kind, on sql.js', () => {
  itIsCorrect(sqljs)
})

function itIsCorrect(database: () => DataSourceOptions): void {
  let dataSource: DataSource
  let sql: QueryRecorder
  let cached: CachedService
  let plain: PlainService

  before(async () => {
    dataSource = new DataSource({
      ...database(),
      entities: ZOO,
      subscribers: [SweepSubscriber],
      synchronize: true,
      cache: { provider: sweptQueryCache },
      logger: QUIET,
    } as DataSourceOptions)
    const sweeper = new Sweeper(dataSource, { timeout: PATIENT })
    await dataSource.initialize()
    expect(Sweeper.of(dataSource)).to.equal(sweeper)
    const repositories = [
      dataSource.getRepository(Article),
      dataSource.getRepository(Comment),
      dataSource.getRepository(Tag),
    ] as const
    cached = new CachedService(...repositories)
    plain = new PlainService(...repositories)
    sql = recordQueries(dataSource)
  })
  after(() => dataSource.destroy())

  const filters: readonly Filter[] = [{}, { tag: 'red' }, { search: 'o' }]

  async function allOf(service: PlainService | CachedService, id: number): Promise<string> {
    const seen: unknown[] = [await service.detail(id)]
    for (const filter of filters)
      for (const page of [0, 1]) seen.push(await service.page(filter, page))
    seen.push(await service.commentsPerTag(), await service.openComments())
    return JSON.stringify(seen)
  }

  it('answers without a query, and after every write as the plain one', async () => {
    const red = await dataSource.getRepository(Tag).save({ slug: 'red' })
    const blue = await dataSource.getRepository(Tag).save({ slug: 'blue' })
    const { id } = await cached.publish('one', [red])
    for (const title of ['two', 'three', 'four', 'five']) await cached.publish(title, [blue])
    const comment = await cached.comment(id, 'first')
    const writes: readonly (() => Promise<unknown>)[] = [
      () => cached.comment(id, 'second'),
      () => cached.read(comment.id),
      () => cached.retitle(id, 'once'),
      () => cached.tag(id, blue),
      () => cached.publish('six', [red, blue]),
      () => dataSource.transaction((manager) => manager.remove(comment)),
      () => cached.takeDown(id),
    ]
    for (const write of writes) {
      await until(async () => {
        sql.reset()
        await allOf(cached, id)
        return sql.count === 0
      })
      const before = await allOf(cached, id)

      await write()

      const now = await allOf(cached, id)
      expect(now).to.equal(await allOf(plain, id))
      expect(now).not.to.equal(before)
    }
  })
}
