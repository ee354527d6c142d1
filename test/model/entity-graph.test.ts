import { expect } from 'chai'
import { DataSource } from 'typeorm'
import { EntityGraph } from '../../src/model/entity-graph'
import type { EntityTarget } from '../../src/model/entity-class'
import type { EntityType } from '../../src/model/entity-type'
import type { Link } from '../../src/model/link'
import { sqljs } from '../support/services'
import {
  Article,
  ArticleTeaser,
  Comment,
  Content,
  Dated,
  ENTITIES,
  FolderSchema,
  Label,
  Line,
  NoteSchema,
  Order,
  Page,
  Photo,
  Profile,
  Review,
  User,
  Video,
  Vote,
} from './fixtures'

describe('EntityGraph', () => {
  let dataSource: DataSource
  let graph: EntityGraph

  before(async () => {
    dataSource = await new DataSource({ ...sqljs(), entities: ENTITIES }).initialize()
    graph = EntityGraph.of(dataSource)
  })
  after(() => dataSource.destroy())

  function typeOf(target: EntityTarget): EntityType {
    const type = graph.typeOfTarget(target)
    if (type === undefined) throw new Error('fixture: no type')
    return type
  }

  function linkOf(target: EntityTarget, property: string): Link {
    const link = typeOf(target).links.find((one) => one.property === property)
    if (link === undefined) throw new Error(`fixture: no link ${property}`)
    return link
  }

  const namesOf = (types: readonly EntityType[]): readonly string[] => types.map(({ name }) => name)

  describe('of()', () => {
    it('is the same graph for as long as the DataSource has the same metadata', () => {
      expect(EntityGraph.of(dataSource)).to.equal(graph)
    })

    it('is another graph after the DataSource was initialized again', async () => {
      const again = await new DataSource({
        ...sqljs(),
        entities: [User, Profile, Page],
      }).initialize()
      const first = EntityGraph.of(again)
      await again.destroy()
      await again.initialize()

      const second = EntityGraph.of(again)

      expect(second).not.to.equal(first)
      expect(namesOf(second.types)).to.deep.equal(namesOf(first.types))
      await again.destroy()
    })

    it('is an error before the DataSource has its metadata', () => {
      const early = new DataSource({ ...sqljs(), entities: ENTITIES })

      expect(() => EntityGraph.of(early))
        .to.throw('await dataSource.initialize() first')
        .with.property('code', 'SWEEPER_NOT_ATTACHED')
    })

    it('needs no declared entity', async () => {
      const plain = await new DataSource({ ...sqljs(), entities: [FolderSchema] }).initialize()

      expect(namesOf(EntityGraph.of(plain).types)).to.deep.equal(['Folder'])
      await plain.destroy()
    })
  })

  describe('types', () => {
    it('are found by class, schema, name, table and metadata', () => {
      const { metadata } = typeOf(Article)
      const found = [Article, 'Article', 'article', dataSource.getMetadata(Article).target]

      for (const target of found as EntityTarget[]) {
        expect(graph.typeOfTarget(target)).to.equal(typeOf(Article))
      }
      expect(graph.typeOf(metadata)).to.equal(typeOf(Article))
      expect(typeOf(NoteSchema)).to.equal(graph.typeOfTarget('Memo'))
    })

    it('are one for all classes of a single-table inheritance', () => {
      expect(typeOf(Video)).to.equal(typeOf(Content)).and.to.equal(typeOf(Photo))
      expect(typeOf(Video).name).to.equal('Content')
      expect(typeOf(Video).key).to.equal('content')
    })

    it('are one for all entities over one table', () => {
      expect(typeOf(ArticleTeaser)).to.equal(typeOf(Article))
    })

    it('are none for abstract bases, other classes and names that nobody has', () => {
      for (const target of [Dated, Date, 'nothing']) {
        expect(graph.typeOfTarget(target)).to.equal(undefined)
      }
    })

    it('are none for tables of many-to-many and closure rows', () => {
      const others = dataSource.entityMetadatas.filter((one) => graph.typeOf(one) === undefined)

      expect(others.map(({ tableName }) => tableName)).to.have.members([
        'article_labels_label',
        'article_hidden',
        'page_closure',
      ])
    })

    it('of instances are those of their class or its nearest base', () => {
      class MyVideo extends Video {}

      expect(graph.entityOfInstance(new MyVideo())?.metadata.name).to.equal('Video')
      expect(graph.entityOfInstance(new Proxy(new Article(), {}))?.type).to.equal(typeOf(Article))
      expect(graph.entityOfInstance({ constructor: Article })).to.equal(undefined)
      expect(graph.entityOfInstance(Object.create(null) as object)).to.equal(undefined)
    })
  })

  describe('declarationFor()', () => {
    const resolved = (target: EntityTarget) =>
      typeOf(target).declarationFor(dataSource.getMetadata(target))

    it('has what an abstract base declares', () => {
      expect(resolved(Article).using?.propertyName).to.equal('updatedAt')
      expect(resolved(Article).ttlMs).to.equal(600_000)
      expect(resolved(Article).writeThrough).to.equal(false)
    })

    it('has the last word of the subclass', () => {
      expect(resolved(Comment).using?.propertyName).to.equal('updatedAt')
      expect(resolved(Comment).ttlMs).to.equal(3_600_000)
    })

    it('tells the classes of one table apart', () => {
      expect(resolved(Content).using?.propertyName).to.equal('version')
      expect(resolved(Content).ttlMs).to.equal(undefined)
      expect(resolved(Video).using?.propertyName).to.equal('version')
      expect(resolved(Video).ttlMs).to.equal(300_000)
      expect(resolved(Photo).using?.propertyName).to.equal('width')
      expect(resolved(ArticleTeaser).using).to.equal(undefined)
    })

    it('is empty for what declares nothing', () => {
      expect(resolved(Vote)).to.deep.equal({
        using: undefined,
        ttlMs: undefined,
        writeThrough: false,
      })
      expect(resolved(Label).writeThrough).to.equal(true)
    })
  })

  describe('links', () => {
    const columnsOf = ({ columns }: Link) => columns.map(({ databaseName }) => databaseName)
    const referencedBy = ({ referencedColumns }: Link) =>
      referencedColumns.map(
        ({ entityMetadata, databaseName }) => `${entityMetadata.name}.${databaseName}`,
      )

    it('by a foreign key have its columns and those of the target', () => {
      const link = linkOf(Comment, 'article')

      expect(link).to.include({ kind: 'foreign-key', name: 'Comment.article', viaPrimaryKey: true })
      expect([link.from, link.to]).to.deep.equal([typeOf(Comment), typeOf(Article)])
      expect(columnsOf(link)).to.deep.equal(['articleId'])
      expect(referencedBy(link)).to.deep.equal(['Article.id'])
    })

    it('go through relations of embedded objects, from a table to itself, and through lazy and private ones', () => {
      expect(linkOf(Comment, 'place.page').to).to.equal(typeOf(Page))
      expect(linkOf(Page, 'parent').to).to.equal(typeOf(Page))
      expect(linkOf(Profile, 'home').to).to.equal(typeOf(Page))
      expect(linkOf(NoteSchema, 'folder').to).to.equal(typeOf(FolderSchema))
    })

    it('by a unique column that is no primary key say so', () => {
      const link = linkOf(Review, 'article')

      expect(link).to.include({ kind: 'foreign-key', viaPrimaryKey: false })
      expect(referencedBy(link)).to.deep.equal(['Article.slug'])
    })

    it('by composite keys have the columns in one order', () => {
      const link = linkOf(Line, 'order')

      expect(columnsOf(link)).to.have.members(['tenant', 'orderNumber'])
      const ordered = link.keyOrder.map((at) => columnsOf(link)[at])
      expect(ordered).to.deep.equal(['tenant', 'orderNumber'])
    })

    it('from the side without the foreign key have its columns in the other table', () => {
      const link = linkOf(User, 'profile')

      expect(link).to.include({ kind: 'inverse', viaPrimaryKey: false })
      expect(link.columns.map(({ entityMetadata }) => entityMetadata.name)).to.deep.equal([
        'Profile',
      ])
      expect(referencedBy(link)).to.deep.equal(['User.id'])
    })

    it('by many-to-many know their pairs', () => {
      const link = linkOf(Label, 'articles')

      expect(link).to.include({ kind: 'junction', viaPrimaryKey: true })
      expect(link.junction?.own.map(({ databaseName }) => databaseName)).to.deep.equal([
        'labelName',
      ])
      expect(link.junction?.other.map(({ databaseName }) => databaseName)).to.deep.equal([
        'articleId',
      ])
      expect(link.junction?.otherId(['7'])?.text).to.equal('7')
      expect(link.junction?.otherId([null])).to.equal(undefined)
      expect(referencedBy(link)).to.deep.equal(['Label.name'])
    })

    it('of all classes of a single-table inheritance start at its one type', () => {
      expect(typeOf(Content).links.map(({ property }) => property)).to.have.members([
        'article',
        'page',
      ])
    })

    it('are found from their target too', () => {
      const names = graph.linksTo(typeOf(Article)).map(({ name }) => name)

      expect(names).to.have.members([
        ...['Comment.article', 'Review.article', 'Label.articles', 'Content.article'],
      ])
      expect(graph.linksTo(typeOf(Vote))).to.deep.equal([])
    })
  })

  it('closes types over their links, circles included', () => {
    const closure = graph.ancestorTypes([typeOf(User), typeOf(Comment)])

    expect(namesOf(closure)).to.have.members(['User', 'Profile', 'Page', 'Comment', 'Article'])
    expect(graph.ancestorTypes([])).to.deep.equal([])
  })

  describe('junctions', () => {
    it('are declared if their relation is named on either side', () => {
      const tables = graph.declaredJunctions().map(({ metadata }) => metadata.tableName)

      expect(tables).to.deep.equal(['article_labels_label'])
      expect(graph.otherTables()).to.deep.equal(['page_closure'])
    })

    it('know the records at both ends', () => {
      const [junction] = graph.declaredJunctions()
      const [articles, labels] = junction?.ends ?? []

      expect([articles?.type, labels?.type]).to.deep.equal([typeOf(Article), typeOf(Label)])
      expect(articles?.idOf([7])?.text).to.equal('7')
      expect(labels?.idOf(['a,b'])?.text).to.equal('a%2Cb')
      expect(labels?.idOf([undefined])).to.equal(undefined)
    })

    it('are found by the metadata of their table', () => {
      const [junction] = graph.declaredJunctions()
      const hidden = dataSource.getMetadata('article_hidden')

      expect(junction && graph.junctionOf(junction.metadata)).to.equal(junction)
      expect(graph.junctionOf(hidden)?.isDeclared).to.equal(false)
      expect(graph.junctionOf(typeOf(Article).metadata)).to.equal(undefined)
    })
  })

  it('names the list behind a foreign key, the first of several', () => {
    expect(graph.childrenListOf(linkOf(Comment, 'article'))).to.equal('comments')
    expect(graph.childrenListOf(linkOf(Line, 'order'))).to.equal('lines')
    expect(graph.childrenListOf(linkOf(Review, 'article'))).to.equal(undefined)
    expect(graph.childrenListOf(linkOf(Label, 'articles'))).to.equal(undefined)
  })

  it('knows what the database changes along with a deleted row', () => {
    const cascades = graph.databaseCascadesOf(typeOf(Article)).map(({ target }) => target)

    expect(cascades).to.have.members([Comment, Vote])
    expect(namesOf(graph.typesDeletedWith(typeOf(Article)))).to.have.members(['Comment', 'Vote'])
    expect(graph.typesDeletedWith(typeOf(Vote))).to.deep.equal([])
  })

  it('knows which rows others have to be read with before they are deleted', () => {
    expect([Article, Order, User, Label].every((one) => graph.isPointedAt(typeOf(one)))).to.equal(
      true,
    )
    expect([Comment, Vote, Page].some((one) => graph.isPointedAt(typeOf(one)))).to.equal(false)
  })

  it('is data', () => {
    const { types, links } = graph.toData()

    expect(types).to.deep.include({ name: 'Article', table: 'article', using: 'updatedAt' })
    expect(links).to.deep.include({
      from: 'Comment',
      to: 'Page',
      property: 'place.page',
      kind: 'foreign-key',
    })
  })

  it('is a diagram of the types that are linked', () => {
    const lines = graph.toData().toMermaid().split('\n')

    expect(lines[0]).to.equal('flowchart LR')
    expect(lines).to.include('  n1["Comment"]')
    expect(lines).to.include('  n1 -- "article" --> n0')
    expect(lines.join('\n')).not.to.include('Vote')
  })
})
