import type { INestApplication } from '@nestjs/common'
import { Test } from '@nestjs/testing'
import request from 'supertest'
import type { App } from 'supertest/types'
import { AppModule } from '../src/app.module'
import { ArticlesService } from '../src/articles.service'

describe('GET /articles/:id', () => {
  let app: INestApplication<App>

  beforeEach(async () => {
    const module = await Test.createTestingModule({ imports: [AppModule] }).compile()
    app = module.createNestApplication()
    await app.init()
  })
  afterEach(() => app.close())

  it('answers 304 until a comment is posted', async () => {
    const { id } = await app.get(ArticlesService).articles.save({ title: 'Tokens' })
    const server = app.getHttpServer()
    const first = await request(server).get(`/articles/${id}`).expect(200)
    const etag = first.headers['etag'] ?? ''

    await request(server).get(`/articles/${id}`).set('If-None-Match', etag).expect(304)
    await request(server).post(`/articles/${id}/comments`).send({ text: 'Nice.' }).expect(201)
    const last = await request(server).get(`/articles/${id}`).set('If-None-Match', etag).expect(200)

    expect(last.body).toMatchObject({ title: 'Tokens', comments: ['Nice.'] })
    expect(app.get(ArticlesService).loads).toBe(2)
  })
})
