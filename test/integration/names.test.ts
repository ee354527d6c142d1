import { expect } from 'chai'
import { children, MemoryStore, record, sweptQueryCache, type SweeperEvents } from '../../src/index'
import { sqljs } from '../support/services'
import { Article, Comment, Tag } from '../support/zoo'
import { zooSweeper, type ZooSweeper } from '../support/zoo-sweeper'

/** Tables are called `zoo_article`, entities `Article`. */
describe('what people are told', () => {
  let zoo: ZooSweeper

  beforeEach(async () => {
    const cached = { ...sqljs(), cache: { provider: sweptQueryCache } }
    zoo = await zooSweeper(cached, { store: new MemoryStore(), namespace: 'names' })
  })
  afterEach(() => zoo.dataSource.destroy())

  it('names entities as sweeps do, in every event and in explain(), and never tables', async () => {
    const { sweeper, dataSource } = zoo
    const said = new Map<keyof SweeperEvents, Set<string>>()
    const hear = (name: 'hit' | 'miss' | 'fill' | 'unproven'): unknown =>
      sweeper.on(name, ({ subject }) =>
        said.set(name, (said.get(name) ?? new Set<string>()).add(subject)),
      )
    for (const name of ['hit', 'miss', 'fill', 'unproven'] as const) hear(name)
    const article = await dataSource.getRepository(Article).save({ title: 'Tokens' })
    const { manager } = dataSource
    const comment = await manager.save(manager.create(Comment, { text: 'Nice.', article }))
    const unknown = Object.assign(new Article(), { id: 9 })
    const readAll = async (): Promise<void> => {
      const on = [record(Article, article.id), Comment, children(Article, article.id, 'comments')]
      await sweeper.getOrSet({ on, key: 'page', factory: () => 'x' })
      await sweeper.getOrSet({ on: unknown, key: 'card', factory: () => 'x' })
      await sweeper.find(Comment, comment.id)
      await sweeper.findBy(Tag, { slug: 'none' })
      await dataSource.getRepository(Article).find({ relations: { tags: true }, cache: true })
      await new Promise((resolve) => setImmediate(resolve))
    }
    await readAll()
    await readAll()

    const kept = ['Article:1 + Comment + Article:1/comments', 'Comment:1', 'Tag', 'Article + Tag']
    expect([...(said.get('fill') ?? [])]).to.have.members(kept)
    expect([...(said.get('hit') ?? [])]).to.have.members(kept)
    expect([...(said.get('miss') ?? [])]).to.have.members([...kept, 'Article:9'])
    expect([...(said.get('unproven') ?? [])]).to.deep.equal(['Article:9'])
    expect(zoo.sweeps.records).to.deep.equal(['Article:1', 'Comment:1'])
    const { subject } = await sweeper.explain(record(Article, article.id), 'page')
    expect(subject).to.equal('Article:1')
  })
})
