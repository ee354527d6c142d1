import { expect } from 'chai'
import { DataSource, In } from 'typeorm'
import type { EntityTarget } from '../../src/model/entity-class'
import { EntityGraph } from '../../src/model/entity-graph'
import type { Link } from '../../src/model/link'
import { parentIdFromEntity, parentIdFromForeignKey } from '../../src/model/record-id'
import { sqljs } from '../support/services'
import { Comment, ENTITIES, Label, Line, Order, Page, Profile, Review, User } from './fixtures'

describe('the parent of a record', () => {
  let dataSource: DataSource

  before(async () => {
    const entities = ENTITIES
    dataSource = await new DataSource({ ...sqljs(), entities, synchronize: true }).initialize()
  })
  after(() => dataSource.destroy())

  function linkOf(target: EntityTarget, property: string): Link {
    const links = EntityGraph.of(dataSource).typeOfTarget(target)?.links ?? []
    return links.find((link) => link.property === property) ?? expect.fail('fixture: no link')
  }

  describe('by its foreign key', () => {
    it('is known without a query where the foreign key goes by the primary key', () => {
      expect(parentIdFromForeignKey(linkOf(Comment, 'article'), ['7'])?.text).to.equal('7')
      expect(parentIdFromForeignKey(linkOf(Label, 'articles'), [7n])?.text).to.equal('7')
    })

    it('has the parts of a composite key in its own order', () => {
      const link = linkOf(Line, 'order')
      const raw = link.columns.map(({ databaseName }) => (databaseName === 'tenant' ? 'a' : 7))

      const id = parentIdFromForeignKey(link, raw)

      expect(id?.text).to.equal('a,7')
      expect(id?.map).to.deep.equal({ tenant: 'a', number: 7 })
    })

    it('needs a query where the foreign key goes by another column', () => {
      expect(parentIdFromForeignKey(linkOf(Review, 'article'), ['slug'])).to.equal(undefined)
      expect(parentIdFromForeignKey(linkOf(User, 'profile'), [1])).to.equal(undefined)
    })

    it('is none where a part of it is null', () => {
      expect(parentIdFromForeignKey(linkOf(Comment, 'article'), [null])).to.equal(undefined)
      expect(parentIdFromForeignKey(linkOf(Line, 'order'), ['a', undefined])).to.equal(undefined)
    })
  })

  describe('by an object', () => {
    const textOf = (link: Link, object: object): string | null | undefined => {
      const id = parentIdFromEntity(link, object)
      return id === null || id === undefined ? id : id.text
    }

    it('is the related record, its key alone, or the plain column', () => {
      const link = linkOf(Comment, 'article')

      expect(textOf(link, { article: { id: 7, title: 'x' } })).to.equal('7')
      expect(textOf(link, { articleId: '7' })).to.equal('7')
      expect(textOf(linkOf(Comment, 'place.page'), { place: { page: 3 } })).to.equal('3')
    })

    it('is the related record, not the stale column beside it', () => {
      expect(textOf(linkOf(Comment, 'article'), { article: { id: 8 }, articleId: 7 })).to.equal('8')
    })

    it('is none where all that is there says so', () => {
      const link = linkOf(Comment, 'article')

      expect(textOf(link, { article: null, articleId: null })).to.equal(null)
      expect(textOf(link, { article: null })).to.equal(null)
      expect(textOf(link, { articleId: null })).to.equal(null)
    })

    it('is unknown where the relation is null and the column is not', () => {
      expect(textOf(linkOf(Comment, 'article'), { article: null, articleId: 7 })).to.equal(
        undefined,
      )
    })

    it('is unknown where nothing is loaded, or no value is given', () => {
      const link = linkOf(Comment, 'article')

      expect(textOf(link, {})).to.equal(undefined)
      expect(textOf(link, { article: {} })).to.equal(undefined)
      expect(textOf(link, { article: () => 'SELECT 1' })).to.equal(undefined)
      expect(textOf(link, { articleId: In([1]) })).to.equal(undefined)
    })

    it('is found in embedded objects', () => {
      const link = linkOf(Comment, 'place.page')

      expect(textOf(link, { place: { page: { id: 3 } } })).to.equal('3')
      expect(textOf(link, { place: { page: null } })).to.equal(null)
      expect(textOf(link, { place: {} })).to.equal(undefined)
      expect(textOf(link, { place: null })).to.equal(undefined)
      expect(textOf(link, {})).to.equal(undefined)
    })

    it('by another column is known only from the record itself', () => {
      const link = linkOf(Review, 'article')

      expect(textOf(link, { article: { id: 7, slug: 's' } })).to.equal('7')
      expect(textOf(link, { article: { slug: 's' } })).to.equal(undefined)
      expect(textOf(link, { article: null })).to.equal(null)
    })

    it('by a composite key is known from the object or all of its columns', () => {
      const link = linkOf(Line, 'order')
      const order = Object.assign(new Order(), { tenant: 'a', number: 7 })

      expect(textOf(link, { order })).to.equal('a,7')
      expect(textOf(link, { tenant: 'a', orderNumber: 7, position: 1 })).to.equal('a,7')
      expect(textOf(link, { tenant: 'a' })).to.equal(undefined)
    })

    it('by a composite key is none only where no part of it says otherwise', () => {
      const link = linkOf(Line, 'order')

      expect(textOf(link, { tenant: null, orderNumber: null })).to.equal(null)
      expect(textOf(link, { tenant: 'a', orderNumber: null })).to.equal(undefined)
      expect(textOf(link, { order: null, tenant: 'a' })).to.equal(undefined)
      expect(textOf(link, { order: null })).to.equal(null)
    })

    it('by a lazy relation is known without loading it, once it has been loaded', async () => {
      const page = await dataSource.getRepository(Page).save({})
      const { id: userId } = await dataSource.getRepository(User).save({})
      const profiles = dataSource.getRepository(Profile)
      const unsaved = Object.assign(profiles.create({ userId }), { home: Promise.resolve(page) })
      await profiles.save(unsaved)
      const profile = await profiles.findOneByOrFail({ userId })
      const link = linkOf(Profile, 'home')

      expect(textOf(link, profile)).to.equal(undefined)
      await (profile as unknown as { home: Promise<Page> }).home
      expect(textOf(link, profile)).to.equal(String(page.id))
    })

    it('is asked of foreign keys alone', () => {
      expect(textOf(linkOf(User, 'profile'), { profile: { userId: 1 } })).to.equal(undefined)
      expect(textOf(linkOf(Label, 'articles'), { articles: [{ id: 1 }] })).to.equal(undefined)
    })
  })
})
