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
import { InjectSweeper, SweeperModule } from '../../src/nest'
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

  it('leaves out what was rolled back to a savepoint', async () => {
    await service.renameWithin(id, ['new', 'never committed'])

    expect(sweeps.records).to.deep.equal([`Article:${id}`])
    expect(await service.title(id)).to.equal('new')
  })
})
