import { Inject } from '@nestjs/common'
import { Test } from '@nestjs/testing'
import { expect } from 'chai'
import type { DataSource, Repository } from 'typeorm'
import {
  addTransactionalDataSource,
  initializeTransactionalContext,
  Propagation,
  runInTransaction,
  StorageDriver,
} from 'typeorm-transactional'
import { record, type Sweeper } from '../../src/index'
import { Cached, sweeperToken } from '../../src/nest'
import { describeWith } from '../support/services'
import { Article, Comment } from '../support/zoo'
import { zooSweeper, type SweepRecorder } from '../support/zoo-sweeper'

const NAME = 'beside'

class TitleService {
  @Inject('articles') readonly articles!: Repository<Article>

  @Cached({ on: (id: number) => record(Article, id), ttl: '10m' })
  async title(id: number): Promise<string> {
    return (await this.articles.findOneByOrFail({ id })).title
  }
}

describeWith(['postgres'], 'typeorm-transactional', ({ postgres }) => {
  let dataSource: DataSource
  let sweeper: Sweeper
  let sweeps: SweepRecorder
  let articles: Repository<Article>
  let article: Article
  let service: TitleService

  before(async () => {
    initializeTransactionalContext({ storageDriver: StorageDriver.ASYNC_LOCAL_STORAGE })
    ;({ dataSource, sweeper, sweeps } = await zooSweeper(postgres.options))
    addTransactionalDataSource({ name: NAME, dataSource })
    articles = dataSource.getRepository(Article)
    const testing = await Test.createTestingModule({
      providers: [
        { provide: sweeperToken(), useValue: sweeper },
        { provide: 'articles', useValue: articles },
        TitleService,
      ],
    }).compile()
    service = testing.get(TitleService)
  })
  after(() => dataSource.destroy())
  beforeEach(async () => {
    article = await articles.save({ title: 'old' })
    sweeps.reset()
  })

  const inTransaction = <T>(work: () => Promise<T>, propagation?: Propagation): Promise<T> =>
    runInTransaction(work, { connectionName: NAME, ...(propagation && { propagation }) })

  const title = (): Promise<string> =>
    sweeper.getOrSet({
      on: record(Article, article.id),
      key: 'title',
      factory: async () => (await articles.findOneByOrFail({ id: article.id })).title,
    })

  it('sweeps once, when the outermost function has committed', async () => {
    await title()

    await inTransaction(async () => {
      await articles.update({ id: article.id }, { title: 'new' })
      await inTransaction(() => dataSource.getRepository(Comment).save({ article }))
      expect(sweeps.count).to.equal(0)
    })

    expect(sweeps.count).to.equal(1)
    expect(sweeps.records).to.include(`Article:${article.id}`)
    expect(await title()).to.equal('new')
  })

  it('sweeps nothing for what was rolled back', async () => {
    await title()

    const failing = inTransaction(async () => {
      await articles.update({ id: article.id }, { title: 'new' })
      throw new Error('no')
    })

    expect(await failing.catch((error: Error) => error.message)).to.equal('no')
    expect(sweeps.count).to.equal(0)
    expect(await title()).to.equal('old')
  })

  it('keeps nothing that was read inside a transaction, without being told of it', async () => {
    const failing = inTransaction(async () => {
      await articles.update({ id: article.id }, { title: 'never committed' })
      expect(await title()).to.equal('never committed')
      throw new Error('no')
    })
    await failing.catch(() => undefined)

    expect(await title()).to.equal('old')
  })

  it('serves nothing from before a write of the same transaction', async () => {
    await title()

    await inTransaction(async () => {
      await articles.update({ id: article.id }, { title: 'new' })
      expect(await title()).to.equal('new')
      expect(await sweeper.find(Article, article.id)).to.include({ title: 'new' })
    })
  })

  describe('a method with @Cached() called inside a transaction', () => {
    const cached = (): Promise<string> => service.title(article.id)

    it('shows it what it has written', async () => {
      expect(await cached()).to.equal('old')

      await inTransaction(async () => {
        await articles.update({ id: article.id }, { title: 'new' })
        expect(await cached()).to.equal('new')
      })

      expect(await cached()).to.equal('new')
    })

    it('keeps nothing of what was rolled back', async () => {
      const failing = inTransaction(async () => {
        await articles.update({ id: article.id }, { title: 'never committed' })
        expect(await cached()).to.equal('never committed')
        throw new Error('no')
      })

      expect(await failing.catch((error: Error) => error.message)).to.equal('no')
      expect(await cached()).to.equal('old')
    })
  })

  it('sweeps what a transaction of its own has committed, whatever becomes of the outer one', async () => {
    const other = await articles.save({ title: 'other' })
    sweeps.reset()

    const failing = inTransaction(async () => {
      await articles.update({ id: article.id }, { title: 'new' })
      await inTransaction(
        () => articles.update({ id: other.id }, { title: 'committed' }),
        Propagation.REQUIRES_NEW,
      )
      throw new Error('no')
    })
    await failing.catch(() => undefined)

    expect(sweeps.records).to.deep.equal([`Article:${other.id}`])
  })
})
