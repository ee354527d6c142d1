import { Test, type TestingModule } from '@nestjs/testing'
import { record, Sweeper } from 'typeorm-sweeper'
import { recordSweeps } from 'typeorm-sweeper/testing'
import { DataSource } from 'typeorm'
import { AppModule } from './app.module'
import { Article } from './article.entity'
import { ArticlesService } from './articles.service'

describe('ArticlesService', () => {
  let module: TestingModule
  let service: ArticlesService
  let id: number

  beforeEach(async () => {
    module = await Test.createTestingModule({ imports: [AppModule] }).compile()
    await module.init()
    service = module.get(ArticlesService)
    id = (await service.articles.save({ title: 'Tokens' })).id
  })
  afterEach(() => module.close())

  it('keeps a page, dates included, until a comment is written', async () => {
    const first = await service.page(id)
    const second = await service.page(id)
    await service.comment(id, 'Nice.')
    const third = await service.page(id)

    expect(second).toEqual(first)
    expect(second.madeAt).toBeInstanceOf(Date)
    expect(third.comments).toEqual(['Nice.'])
    expect(service.loads).toBe(2)
  })

  it('is recorded with the matchers of Jest', async () => {
    const sweeper = Sweeper.of(module.get(DataSource))
    const sweeps = recordSweeps(sweeper)

    const comment = await service.comment(id, 'Nice.')

    expect(sweeps).toHaveSwept(comment, record(Article, id))
    expect(sweeps).not.toHaveSwept(record(Article, id + 1))
  })

  it('gives what Jest takes for equal: Map, Set, Buffer and errors of its own', async () => {
    const sweeper = Sweeper.of(module.get(DataSource))
    const value = {
      map: new Map([['a', 1n]]),
      set: new Set([new Date(0)]),
      bytes: Buffer.from('b'),
    }
    const read = () =>
      sweeper.getOrSet({ on: record(Article, id), key: 'values', factory: () => value })

    await read()

    expect(await read()).toEqual(value)
    await expect(sweeper.getOrSet({ on: {}, key: 'none', factory: () => '' })).rejects.toThrow(
      expect.objectContaining({ code: 'SWEEPER_INVALID_SUBJECT' }),
    )
  })
})
