import { expect } from 'chai'
import type { DataSourceOptions } from 'typeorm'
import { describeWith, sqljs } from '../support/services'
import { until } from '../support/until'
import { Article, Tag } from '../support/zoo'
import { zooSweeper, type ZooSweeper } from '../support/zoo-sweeper'

describeWith(['postgres'], 'objects with many-to-many relations, on PostgreSQL', ({ postgres }) => {
  itFollowsPairs(() => postgres.options)
})

describeWith(['mariadb'], 'objects with many-to-many relations, on MariaDB', ({ mariadb }) => {
  itFollowsPairs(() => mariadb.options)
})

describe('objects with many-to-many relations, on sql.js', () => {
  itFollowsPairs(sqljs)
})

function itFollowsPairs(database: () => DataSourceOptions): void {
  let zoo: ZooSweeper
  before(async () => {
    zoo = await zooSweeper(database())
  })
  after(() => zoo.dataSource.destroy())

  /** Reads until it is a hit. */
  async function hitOf<T>(read: () => Promise<T>): Promise<T> {
    let misses = 0
    let answer: T | undefined
    const stop = zoo.sweeper.on('miss', () => misses++)
    await until(async () => {
      misses = 0
      answer = await read()
      return misses === 0
    })
    stop()
    return answer as T
  }

  it('follow the recovery of a soft-deleted record at the other end', async () => {
    const articles = zoo.dataSource.getRepository(Article)
    const tag = await zoo.dataSource.getRepository(Tag).save({ slug: 'blue' })
    const article = await articles.save({ title: 'a', tags: [tag] })
    const read = async () => {
      const found = await zoo.sweeper.find(Tag, tag.id, { relations: ['articles'] })
      return found?.articles.map(({ id }) => id)
    }
    expect(await hitOf(read)).to.deep.equal([article.id])

    await articles.softDelete(article.id)
    expect(await hitOf(read)).to.deep.equal([])

    await articles.restore(article.id)
    expect(await read()).to.deep.equal([article.id])
  })
}
