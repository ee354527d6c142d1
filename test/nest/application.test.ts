import {
  Body,
  Controller,
  Get,
  Inject,
  Injectable,
  Module,
  Param,
  Post,
  UseInterceptors,
  type INestApplication,
} from '@nestjs/common'
import { Test } from '@nestjs/testing'
import { InjectRepository, TypeOrmModule } from '@nestjs/typeorm'
import { expect } from 'chai'
import type { Request } from 'express'
import request from 'supertest'
import { DataSource, type Repository } from 'typeorm'
import { isSweeperError, record, Sweeper } from '../../src/index'
import { Cached, Fresh, InjectSweeper, SweeperInterceptor, SweeperModule } from '../../src/nest'
import { recordQueries } from '../support/recorders/record-queries'
import { describeWith } from '../support/services'
import { Article, ZOO } from '../support/zoo'

@Injectable()
class ArticlesService {
  readonly loads: number[] = []
  @InjectRepository(Article) readonly articles!: Repository<Article>
  @InjectSweeper() readonly sweeper!: Sweeper
  @InjectSweeper('other') readonly other!: Sweeper

  @Cached({ on: (id: number) => record(Article, id), ttl: '10m' })
  async page(id: number, locale: string): Promise<{ title: string; locale: string }> {
    this.loads.push(id)
    return { title: (await this.articles.findOneByOrFail({ id })).title, locale }
  }

  @Cached({ on: Article, key: 'articles.count' })
  async count(): Promise<number> {
    return this.articles.count()
  }
}

@Controller('articles')
@UseInterceptors(SweeperInterceptor)
class ArticlesController {
  @Inject(ArticlesService) readonly service!: ArticlesService

  @Get(':id')
  @Fresh<Request>({
    on: ({ params }) => record(Article, Number(params['id'])),
    vary: () => ['accept-language'],
  })
  page(@Param('id') id: string): Promise<unknown> {
    return this.service.page(Number(id), 'de')
  }

  @Post()
  async create(@Body() body: { title: string }): Promise<{ id: number }> {
    const { id } = await this.service.articles.save({ title: body.title })
    return { id }
  }

  @Post(':id')
  async rename(@Param('id') id: string, @Body() body: { title: string }): Promise<object> {
    await this.service.articles.update({ id: Number(id) }, body)
    return {}
  }
}

describeWith(['postgres'], 'a Nest application', ({ postgres }) => {
  let app: INestApplication
  let service: ArticlesService
  let id: number

  before(async () => {
    const other = await postgres.createDatabase()
    const database = { type: 'postgres', entities: ZOO, synchronize: true } as const

    @Module({
      imports: [
        TypeOrmModule.forRoot({ ...database, url: postgres.url }),
        TypeOrmModule.forRoot({ ...database, url: other, name: 'other' }),
        TypeOrmModule.forFeature([Article]),
        SweeperModule.forRoot({ ttl: '1h' }),
        SweeperModule.forRootAsync({
          name: 'other',
          inject: [DataSource],
          useFactory: (first: DataSource) => ({ namespace: `beside-${first.options.type}` }),
        }),
      ],
      controllers: [ArticlesController],
      providers: [ArticlesService],
    })
    class AppModule {}

    const testing = await Test.createTestingModule({ imports: [AppModule] }).compile()
    app = testing.createNestApplication({ logger: ['fatal'] })
    await app.init()
    service = app.get(ArticlesService)
  })
  after(() => app.close())
  beforeEach(async () => {
    const created = await request(app.getHttpServer()).post('/articles').send({ title: 'old' })
    id = (created.body as { id: number }).id
    service.loads.length = 0
  })

  const get = (headers: Record<string, string> = {}): request.Test =>
    request(app.getHttpServer()).get(`/articles/${id}`).set(headers)

  it('has the Sweeper of each DataSource injected', () => {
    expect(service.sweeper).to.be.instanceOf(Sweeper)
    expect(service.sweeper).to.equal(Sweeper.of(app.get(DataSource)))
    expect(service.other).to.equal(Sweeper.of(app.get<DataSource>('otherDataSource')))
    expect(service.other).not.to.equal(service.sweeper)
  })

  it('keeps what a method returned until what it depends on is swept', async () => {
    expect((await get()).body).to.deep.equal({ title: 'old', locale: 'de' })
    expect((await get()).body).to.deep.equal({ title: 'old', locale: 'de' })
    expect(service.loads).to.deep.equal([id])
    expect(await service.page(id, 'en')).to.deep.equal({ title: 'old', locale: 'en' })

    await request(app.getHttpServer()).post(`/articles/${id}`).send({ title: 'new' })

    expect((await get()).body).to.deep.equal({ title: 'new', locale: 'de' })
  })

  it('takes a type as what a method depends on', async () => {
    const count = await service.count()
    expect(await service.count()).to.equal(count)

    await service.articles.save({})

    expect(await service.count()).to.equal(count + 1)
  })

  it('answers conditional requests without calling the handler, and without SQL', async () => {
    const first = await get()
    expect(first.status).to.equal(200)
    expect(first.headers['vary']).to.equal('accept-language')
    const queries = recordQueries(app.get(DataSource))

    const second = await get({ 'if-none-match': String(first.headers['etag']) })

    expect([second.status, second.text]).to.deep.equal([304, ''])
    expect(queries.statements).to.deep.equal([])
    await request(app.getHttpServer()).post(`/articles/${id}`).send({ title: 'new' })
    const third = await get({ 'if-none-match': String(first.headers['etag']) })
    expect(third.body).to.deep.equal({ title: 'new', locale: 'de' })
  })

  it('hands on the errors of a method, and keeps nothing then', async () => {
    id = 2_000_000_000

    expect((await get()).status).to.equal(500)
    expect((await get()).status).to.equal(500)
    expect(service.loads).to.deep.equal([id, id])
  })

  it('says what a class lacks that Nest did not make', async () => {
    const bare = Object.create(ArticlesService.prototype) as ArticlesService

    const error: unknown = await bare.page(1, 'de').catch((thrown: unknown) => thrown)
    expect(error).to.have.property(
      'message',
      '@Cached on ArticlesService.page: its class has no Sweeper; make it a provider, and import SweeperModule.forRoot()',
    )
  })

  it('closes its Sweepers when it shuts down', async () => {
    const { sweeper, other } = service
    await app.close()

    for (const closed of [sweeper, other]) {
      const error: unknown = await closed.version(Article).catch((thrown: unknown) => thrown)
      expect(isSweeperError(error) && error.code).to.equal('SWEEPER_CLOSED')
    }
  })
})
