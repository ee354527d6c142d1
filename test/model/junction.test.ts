import { expect } from 'chai'
import { DataSource } from 'typeorm'
import { junctionSideOf } from '../../src/model/junction'
import { sqljs } from '../support/services'
import { Article, Comment, Tag, ZOO } from '../support/zoo'

describe('a side of a many-to-many table', () => {
  let dataSource: DataSource

  before(async () => {
    dataSource = await new DataSource({ ...sqljs(), entities: ZOO }).initialize()
  })
  after(() => dataSource.destroy())

  const sideOf = (entity: typeof Article | typeof Comment | typeof Tag, property: string) => {
    const relation = dataSource.getMetadata(entity).findRelationWithPropertyPath(property)
    if (relation === undefined) throw new Error(`there is no ${property}`)
    const { own, other } = junctionSideOf(relation)
    return [own, other].map((columns) => columns.map(({ databaseName }) => databaseName))
  }

  it('is seen from where one stands', () => {
    const [own, other] = sideOf(Article, 'tags')

    expect(own).to.deep.equal(['zooArticleId'])
    expect(sideOf(Tag, 'articles')).to.deep.equal([other, own])
  })

  it('is nothing that a relation without a table has', () => {
    expect(() => sideOf(Comment, 'article')).to.throw(
      'Comment.article: a many-to-many relation without a table',
    )
  })
})
