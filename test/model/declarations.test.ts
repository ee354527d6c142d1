import { expect } from 'chai'
import {
  ChildEntity,
  Column,
  DataSource,
  Entity,
  EntitySchema,
  JoinColumn,
  ManyToOne,
  PrimaryColumn,
  TableInheritance,
  ViewColumn,
  ViewEntity,
  type DataSourceOptions,
} from 'typeorm'
import { DeclarationError } from '../../src/core/errors'
import type { SweepableOptions } from '../../src/model/declarations'
import { EntityGraph } from '../../src/model/entity-graph'
import { Sweepable, sweepable } from '../../src/model/sweepable'
import { sqljs } from '../support/services'

type Entities = NonNullable<DataSourceOptions['entities']>

async function graphOf(entities: Entities): Promise<EntityGraph> {
  const dataSource = await new DataSource({ ...sqljs(), entities }).initialize()
  try {
    return EntityGraph.of(dataSource)
  } finally {
    await dataSource.destroy()
  }
}

async function mistakesOf(entities: Entities): Promise<readonly string[]> {
  const outcome = await graphOf(entities).catch((error: unknown) => error)
  if (!(outcome instanceof DeclarationError))
    throw new Error('fixture: no mistake', { cause: outcome })
  return outcome.mistakes
}

/** An entity of its own for each test: what was declared once stays declared. */
function commentWith(options: unknown): Entities {
  @Entity()
  class Article {
    @PrimaryColumn() id!: number
  }
  @Entity()
  class Comment {
    @PrimaryColumn() id!: number
    @Column() text!: string
    @Column() updatedAt!: Date
    @Column() articleId!: number
    @ManyToOne(() => Article) @JoinColumn({ name: 'articleId' }) article!: Article
    @ManyToOne(() => Article) author!: Article
  }
  // What callers without a compiler may give.
  Sweepable(options as SweepableOptions<never, never>)(Comment)
  return [Article, Comment]
}

describe('a declaration', () => {
  const COLUMNS = 'columns are id, text, updatedAt, articleId'
  const RELATIONS = 'relations are article, author'
  const MISTAKES: readonly (readonly [string, object, string])[] = [
    [
      'whose using is no property',
      { using: 'updated_at' },
      `using "updated_at" is not a column; ${COLUMNS}`,
    ],
    [
      'whose using is a relation',
      { using: 'article' },
      `using "article" is a relation, not a column; ${COLUMNS}`,
    ],
    ['whose using is no text', { using: 7 }, `using 7 is not a column; ${COLUMNS}`],
    [
      'that misspells a relation',
      { dependsOn: ['artcle'] },
      `dependsOn "artcle" is not a relation; did you mean "article"? ${RELATIONS}`,
    ],
    [
      'of a relation that is nothing like the ones there are',
      { dependsOn: ['page'] },
      `dependsOn "page" is not a relation; ${RELATIONS}`,
    ],
    [
      'of a column',
      { dependsOn: ['text'] },
      `dependsOn "text" is a column, not a relation; ${RELATIONS}`,
    ],
    [
      'of the column of a relation',
      { dependsOn: ['articleId'] },
      `dependsOn "articleId" is a column, not a relation; its relation is "article"; ${RELATIONS}`,
    ],
    [
      'of a relation of a relation',
      { dependsOn: ['article.page'] },
      `dependsOn "article.page" is not a relation; name "article" here and "page" in the dependsOn of Article; ${RELATIONS}`,
    ],
    [
      'whose dependsOn is no array',
      { dependsOn: 'article' },
      'dependsOn "article" is no array; give the names of relation properties in []',
    ],
    [
      'with an option that does not exist',
      { dependOn: ['article'] },
      'there is no option "dependOn"; options are using, dependsOn, writeThrough, ttl',
    ],
    [
      'whose writeThrough is neither true nor false',
      { writeThrough: 'yes' },
      'writeThrough "yes" is neither true nor false; give one of them',
    ],
  ]
  for (const [which, options, mistake] of MISTAKES) {
    it(`${which} is a mistake`, async () => {
      expect(await mistakesOf(commentWith(options))).to.deep.equal([
        `@Sweepable on Comment: ${mistake}`,
      ])
    })
  }

  it('whose ttl is no duration is a mistake', async () => {
    const [mistake] = await mistakesOf(commentWith({ ttl: '10 minutes' }))

    expect(mistake).to.match(/^@Sweepable on Comment: ttl: "10 minutes" is no duration;/)
  })

  it('has all its mistakes told together with those of others', async () => {
    const first = commentWith({ using: 'x', dependsOn: ['y', 'z'] }) as unknown[]
    const second = commentWith({ dependsOn: ['w'] }) as unknown[]

    const mistakes = await mistakesOf([...first, ...second] as Entities)

    expect(mistakes).to.have.length(4)
  })

  it('is told of again whenever the DataSource is used', async () => {
    const dataSource = new DataSource({ ...sqljs(), entities: commentWith({ using: 'x' }) })
    await dataSource.initialize()

    for (let time = 0; time < 2; time++)
      expect(() => EntityGraph.of(dataSource)).to.throw(DeclarationError)
    await dataSource.destroy()
  })

  it('with decorators of no arguments declares an entity without options', async () => {
    @Entity()
    @Sweepable()
    class Thing {
      @PrimaryColumn() id!: number
    }

    const graph = await graphOf([Thing])

    expect(graph.types.map(({ name }) => name)).to.deep.equal(['Thing'])
  })

  it('whose decorator is not called is an error at once', () => {
    class Thing {
      id!: number
    }

    expect(() => Sweepable(Thing as object))
      .to.throw('write @Sweepable()')
      .with.property('code', 'SWEEPER_INVALID_OPTION')
  })

  it('made twice for one entity is a mistake', async () => {
    @Entity()
    @Sweepable({ using: 'id' })
    class Twice {
      @PrimaryColumn() id!: number
    }
    sweepable(Twice, { ttl: '1m' })

    expect(await mistakesOf([Twice])).to.deep.equal([
      '@Sweepable on Twice: it is declared 2 times; declare it once, with all options together',
    ])
  })

  it('made for an entity that is in use is an error at once', async () => {
    @Entity()
    class Early {
      @PrimaryColumn() id!: number
    }
    const schema = new EntitySchema({
      name: 'EarlySchema',
      columns: { id: { type: Number, primary: true } },
    })
    await graphOf([Early, schema])

    for (const [late, name] of [
      [Early, 'Early'],
      [schema, 'EarlySchema'],
      ['EarlySchema', 'EarlySchema'],
    ] as const)
      expect(() => sweepable(late))
        .to.throw(`sweepable(${name}): it comes too late`)
        .with.property('code', 'SWEEPER_DECLARATION')
  })

  it('of an entity of another DataSource is none of this one', async () => {
    commentWith({ using: 'wrong' })
    @Entity()
    class Alone {
      @PrimaryColumn() id!: number
    }

    expect((await graphOf([Alone])).types).to.have.length(1)
  })

  it('of relations for a view is a mistake', async () => {
    @ViewEntity({ expression: 'SELECT 1 AS "id"' })
    class Overview {
      @ViewColumn() id!: number
    }
    sweepable(Overview, { dependsOn: ['id'] })

    expect(await mistakesOf([Overview])).to.deep.equal([
      'sweepable(Overview): dependsOn ["id"]: rows of a view are never written; leave it out',
    ])
  })
})

describe('a declaration of a base class', () => {
  it('has its mistakes told once, where they were made', async () => {
    @Entity()
    @Sweepable()
    @TableInheritance({ column: { name: 'kind', type: 'varchar' } })
    class Content {
      @PrimaryColumn() id!: number
    }
    @ChildEntity()
    class Video extends Content {}
    @ChildEntity()
    class Photo extends Content {}
    abstract class Titled {
      @PrimaryColumn() id!: number
    }
    sweepable(Titled, { using: 'title' })
    @Entity()
    class Book extends Titled {}
    @Entity()
    class Film extends Titled {}

    const mistakes = await mistakesOf([Content, Video, Photo, Book, Film])

    expect(mistakes).to.have.length(1)
    expect(mistakes[0]).to.match(
      /^sweepable\(Titled\) \(inherited by (Book|Film)\): using "title" is not a column; columns are id$/,
    )
  })

  it('is united with what the subclass depends on, and keeps what the subclass leaves undefined', async () => {
    @Entity()
    class Shelf {
      @PrimaryColumn() id!: number
    }
    abstract class Item {
      @PrimaryColumn() id!: number
      @ManyToOne(() => Shelf) shelf!: Shelf
    }
    sweepable(Item, { dependsOn: ['shelf'], ttl: '5s' })
    @Entity()
    @Sweepable({ dependsOn: ['room', 'shelf'], ttl: undefined } as object)
    class Book extends Item {
      @ManyToOne(() => Shelf) room!: Shelf
    }

    const type = (await graphOf([Shelf, Book])).typeOfTarget(Book)

    expect(type?.links.map(({ property }) => property)).to.deep.equal(['shelf', 'room'])
    expect(type?.declarationFor(type.metadata).ttlMs).to.equal(5000)
  })

  it('does not hold for it what a subclass in its table declares', async () => {
    @Entity()
    @TableInheritance({ column: { name: 'kind', type: 'varchar' } })
    class Animal {
      @PrimaryColumn() id!: number
    }
    @ChildEntity()
    @Sweepable({ using: 'wings', ttl: '1s' })
    class Bird extends Animal {
      @Column() wings!: number
    }

    const type = (await graphOf([Animal, Bird])).typeOfTarget(Animal)

    expect(type?.declarationFor(type.metadata)).to.deep.equal({
      using: undefined,
      ttlMs: undefined,
      writeThrough: false,
    })
  })
})

describe('a declaration of a schema', () => {
  const schemaNamed = (name: string): EntitySchema =>
    new EntitySchema({
      name,
      columns: { id: { type: Number, primary: true }, size: { type: Number } },
    })

  it('may go by its name', async () => {
    const schema = schemaNamed('ByName')
    sweepable('ByName', { using: 'size' })

    const type = (await graphOf({ schema })).typeOfTarget(schema)

    expect(type?.declarationFor(type.metadata).using?.propertyName).to.equal('size')
  })

  it('holds for the class that the schema maps', async () => {
    class Mapped {
      id!: number
    }
    const schema = new EntitySchema<Mapped>({
      name: 'Mapped',
      target: Mapped,
      columns: { id: { type: Number, primary: true } },
    })
    sweepable(schema, { using: 'id' })

    const graph = await graphOf([schema])
    const type = graph.typeOfTarget(Mapped)

    expect(type?.declarationFor(type.metadata).using?.propertyName).to.equal('id')
    expect(graph.typeOfTarget(schema)).to.equal(type)
    expect(graph.entityOfInstance(new Mapped())?.type).to.equal(type)
  })

  it('is that of the schema the DataSource lists, if others have its name', async () => {
    const [mine, other] = [schemaNamed('Same'), schemaNamed('Same')]
    sweepable(mine, { ttl: '1s' })
    sweepable(other, { ttl: '2s' })

    const ttlOf = async (schema: EntitySchema): Promise<number | undefined> => {
      const type = (await graphOf([schema])).typeOfTarget('Same')
      return type?.declarationFor(type.metadata).ttlMs
    }

    expect([await ttlOf(mine), await ttlOf(other)]).to.deep.equal([1000, 2000])
  })
})
