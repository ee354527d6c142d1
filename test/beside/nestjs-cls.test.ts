import { Inject, Injectable, Module } from '@nestjs/common'
import { Test, type TestingModule } from '@nestjs/testing'
import {
  ClsPluginTransactional,
  Propagation,
  Transactional,
  TransactionHost,
} from '@nestjs-cls/transactional'
import { TransactionalAdapterTypeOrm } from '@nestjs-cls/transactional-adapter-typeorm'
import { TypeOrmModule } from '@nestjs/typeorm'
import { expect } from 'chai'
import { ClsModule } from 'nestjs-cls'
import { DataSource } from 'typeorm'
import { record, type Sweeper } from '../../src/index'
import { Cached, InjectSweeper, SweeperModule } from '../../src/nest'
import { describeWith } from '../support/services'
import { Article, ZOO } from '../support/zoo'
import { PATIENT, recordSweeps, type SweepRecorder } from '../support/zoo-sweeper'

@Injectable()
class ArticlesService {
  @Inject(TransactionHost) readonly host!: TransactionHost<TransactionalAdapterTypeOrm>
  @InjectSweeper() readonly sweeper!: Sweeper

  title(id: number): Promise<string> {
    return this.sweeper.getOrSet({
      on: record(Article, id),
      key: 'title',
      manager: this.host.tx,
      factory: async () => (await this.host.tx.findOneByOrFail(Article, { id })).title,
    })
  }

  /** Reads in whatever transaction it is called in, and does not tell the Sweeper. */
  @Cached({ on: (id: number) => record(Article, id), ttl: '10m' })
  async cachedTitle(id: number): Promise<string> {
    return (await this.host.tx.findOneByOrFail(Article, { id })).title
  }

  @Transactional()
  async readWithin(id: number): Promise<string> {
    return this.cachedTitle(id)
  }

  @Transactional()
  async renameAndRead(
    id: number,
    title: string,
    { onSeen, of }: { readonly onSeen?: (title: string) => void; readonly of?: number } = {},
  ): Promise<string> {
    await this.host.tx.update(Article, { id: of ?? id }, { title })
    const seen = await this.cachedTitle(id)
    onSeen?.(seen)
    return seen
  }

  @Transactional()
  async rename(id: number, title: string, then?: (title: string) => void): Promise<void> {
    await this.host.tx.update(Article, { id }, { title })
    then?.(await this.title(id))
  }

  @Transactional()
  async renameWithin(id: number, titles: readonly string[]): Promise<void> {
    const [first = '', second = ''] = titles
    await this.host.tx.update(Article, { id }, { title: first })
    await this.renameInSavepoint(id, second).catch(() => undefined)
  }

  @Transactional(Propagation.Nested)
  async renameInSavepoint(id: number, title: string): Promise<void> {
    await this.host.tx.save(Article, { title })
    await this.host.tx.update(Article, { id }, { title })
    throw new Error('no')
  }
}

describeWith(['postgres'], 'nestjs-cls', ({ postgres }) => {
  let testing: TestingModule
  let service: ArticlesService
  let sweeps: SweepRecorder
  let id: number

  before(async () => {
    @Module({
      imports: [
        TypeOrmModule.forRoot({
          ...{ type: 'postgres', url: postgres.url, entities: ZOO, synchronize: true },
        }),
        ClsModule.forRoot({
          plugins: [
            new ClsPluginTransactional({
              adapter: new TransactionalAdapterTypeOrm({ dataSourceToken: DataSource }),
            }),
          ],
        }),
        SweeperModule.forRoot({ timeout: PATIENT }),
      ],
      providers: [ArticlesService],
    })
    class AppModule {}

    testing = await Test.createTestingModule({ imports: [AppModule] }).compile()
    await testing.init()
    service = testing.get(ArticlesService)
    sweeps = recordSweeps(service.sweeper)
  })
  after(() => testing.close())
  beforeEach(async () => {
    ;({ id } = await testing.get(DataSource).getRepository(Article).save({ title: 'old' }))
    sweeps.reset()
  })

  it('sweeps what a transactional method has committed, once', async () => {
    expect(await service.title(id)).to.equal('old')

    await service.rename(id, 'new')

    expect(sweeps.records).to.deep.equal([`Article:${id}`])
    expect(sweeps.count).to.equal(1)
    expect(await service.title(id)).to.equal('new')
  })

  it('sweeps nothing, and keeps nothing, of what was rolled back', async () => {
    await service.title(id)
    const seen: string[] = []

    const failing = service.rename(id, 'never committed', (title) => {
      seen.push(title)
      throw new Error('no')
    })

    expect(await failing.catch((error: Error) => error.message)).to.equal('no')
    expect(seen).to.deep.equal(['never committed'])
    expect(sweeps.count).to.equal(0)
    expect(await service.title(id)).to.equal('old')
  })

  describe('a method with @Cached() called inside a transactional one', () => {
    it('shows it what it has written', async () => {
      expect(await service.cachedTitle(id)).to.equal('old')

      expect(await service.renameAndRead(id, 'new')).to.equal('new')
      expect(await service.cachedTitle(id)).to.equal('new')
    })

    it('keeps nothing of what was rolled back', async () => {
      const seen: string[] = []
      const failing = service.renameAndRead(id, 'never committed', {
        onSeen: (title) => {
          seen.push(title)
          throw new Error('no')
        },
      })

      expect(await failing.catch((error: Error) => error.message)).to.equal('no')
      expect(seen).to.deep.equal(['never committed'])
      expect(await service.cachedTitle(id)).to.equal('old')
    })

    it('keeps nothing that was read there, and serves what is there until a write', async () => {
      const fills: unknown[] = []
      const off = service.sweeper.on('fill', (fill) => fills.push(fill))

      expect(await service.readWithin(id)).to.equal('old')
      expect(fills).to.deep.equal([])
      await service.cachedTitle(id)
      const hits: unknown[] = []
      const offHits = service.sweeper.on('hit', (hit) => hits.push(hit))
      expect(await service.readWithin(id)).to.equal('old')
      off()
      offHits()

      expect(fills).to.have.length(1)
      expect(hits).to.have.length(1)
    })

    it('serves nothing of the cache after a write to something else', async () => {
      const { id: other } = await testing
        .get(DataSource)
        .getRepository(Article)
        .save({ title: 'x' })
      await service.cachedTitle(id)
      const misses: string[] = []
      const off = service.sweeper.on('miss', ({ reason }) => misses.push(reason))

      expect(await service.renameAndRead(id, 'new', { of: other })).to.equal('old')
      off()

      expect(misses).to.deep.equal(['transaction'])
    })
  })

  it('leaves out what was rolled back to a savepoint', async () => {
    await service.renameWithin(id, ['new', 'never committed'])

    expect(sweeps.records).to.deep.equal([`Article:${id}`])
    expect(await service.title(id)).to.equal('new')
  })
})
