import { expect } from 'chai'
import type { EntityManager } from 'typeorm'
import { record } from '../../src/index'
import { describeWith } from '../support/services'
import { Article, Comment } from '../support/zoo'
import { zooSweeper, type ZooSweeper } from '../support/zoo-sweeper'

describeWith(['postgres'], 'two hundred parallel transactions', ({ postgres }) => {
  let zoo: ZooSweeper

  before(async () => {
    zoo = await zooSweeper({ ...postgres.options, extra: { max: 10 } })
  })
  after(() => zoo.dataSource.destroy())

  it('stay apart: what commits is swept, what rolls back is not', async () => {
    const { dataSource, sweeper, sweeps } = zoo
    const articles = await dataSource
      .getRepository(Article)
      .save(Array.from({ length: 200 }, (_, index) => ({ title: `${index}` })))
    const comments = await dataSource
      .getRepository(Comment)
      .save(articles.map((article) => ({ text: 'old', article })))
    const versions = (): Promise<string[]> =>
      Promise.all(articles.map(({ id }) => sweeper.version(record(Article, id))))
    const before = await versions()
    sweeps.reset()

    const write = async (manager: EntityManager, index: number): Promise<void> => {
      await manager.save(Comment, { id: comments[index]?.id ?? 0, text: 'new' })
      if (index % 2 === 1) throw new Error('rolled back')
    }
    await Promise.allSettled(
      articles.map((_, index) => dataSource.transaction((manager) => write(manager, index))),
    )

    const moved = (await versions()).map((version, index) => version !== before[index])
    expect(moved).to.deep.equal(articles.map((_, index) => index % 2 === 0))
    expect(sweeps.count).to.equal(100)
  })
})
