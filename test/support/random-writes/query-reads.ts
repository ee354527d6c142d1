import type { DataSource, ObjectLiteral, SelectQueryBuilder } from 'typeorm'
import type { EntityClass } from '../../../src/model/entity-class'
import {
  Article,
  Comment,
  Content,
  Line,
  Login,
  Page,
  Profile,
  Tag,
  User,
  Video,
  Vote,
} from '../zoo'

/** `false`, or how long results are kept, as TypeORM's options and builders take it. */
type Cache = false | number
type Read = (dataSource: DataSource, cache: Cache) => Promise<unknown>

/** Longer than any run: what makes a result old are writes alone. */
const LONG = 3_600_000

type Build = (dataSource: DataSource) => SelectQueryBuilder<ObjectLiteral>

const from =
  (target: EntityClass, alias: string): Build =>
  (dataSource) =>
    dataSource.createQueryBuilder<ObjectLiteral>(target, alias)

const rawOf =
  (build: Build): Read =>
  (dataSource, cache) =>
    build(dataSource).cache(cache).getRawMany()

const found =
  (target: EntityClass, options: object): Read =>
  (dataSource, cache) =>
    dataSource.getRepository<ObjectLiteral>(target).find({ ...options, cache })

/** Queries of the kinds that lists, detail pages and counts are made of. */
const READS: Readonly<Record<string, Read>> = {
  'find articles with their comments and tags': found(Article, {
    relations: { comments: { author: true, votes: true }, tags: true },
    order: { id: 'ASC', comments: { id: 'ASC', votes: { id: 'ASC' } }, tags: { id: 'ASC' } },
  }),
  'find comments of tagged articles': found(Comment, {
    where: { article: { tags: { slug: 'red' } } },
    order: { id: 'ASC' },
  }),
  'find what is deleted too': found(Comment, { withDeleted: true, order: { id: 'ASC' } }),
  'find children of an inherited table': found(Video, {
    relations: { article: true },
    order: { id: 'ASC' },
  }),
  'find an inherited table': found(Content, { order: { id: 'ASC' } }),
  'find by a composite key': found(Line, {
    relations: { order: true },
    order: { tenant: 'ASC', number: 'ASC', position: 'ASC' },
  }),
  'find a tree of one level': found(Page, { relations: { parent: true }, order: { id: 'ASC' } }),
  'find over a unique column': found(Login, { relations: { user: true }, order: { id: 'ASC' } }),
  'find one-to-one': found(Profile, { relations: { user: true }, order: { id: 'ASC' } }),
  'a page and its count': (dataSource, cache) =>
    dataSource.getRepository(Comment).findAndCount({
      relations: { article: { tags: true } },
      order: { id: 'DESC', article: { tags: { id: 'ASC' } } },
      skip: 1,
      take: 3,
      cache,
    }),
  'getMany with a subquery': (dataSource, cache) => {
    const builder = dataSource.getRepository(User).createQueryBuilder('u')
    const written = builder
      .subQuery()
      .select('c.author')
      .from(Comment, 'c')
      .innerJoin(Vote, 'v', 'v.comment = c.id')
    return builder.where(`u.id IN ${written.getQuery()}`).orderBy('u.id').cache(cache).getMany()
  },
  'getRawMany of groups': rawOf((dataSource) =>
    from(
      Tag,
      't',
    )(dataSource)
      .leftJoin('t.articles', 'a')
      .leftJoin('a.comments', 'c')
      .select('t.slug', 'slug')
      .addSelect('COUNT(DISTINCT c.id)', 'comments')
      .groupBy('t.slug')
      .orderBy('t.slug'),
  ),
  'getRawMany of pairs': rawOf((dataSource) =>
    dataSource.createQueryBuilder().select('COUNT(*)', 'n').from('zoo_article_tag', 'p'),
  ),
  'getCount over joins': (dataSource, cache) =>
    dataSource
      .getRepository(Vote)
      .createQueryBuilder('v')
      .innerJoin('v.comment', 'c')
      .innerJoin('c.article', 'a')
      .innerJoin('a.tags', 't')
      .cache(cache)
      .getCount(),
}

/** Asks everything of TypeORM's query cache and beside it. */
export class QueryReads {
  readonly #dataSource: DataSource

  constructor(dataSource: DataSource) {
    this.#dataSource = dataSource
  }

  /** What the cache says otherwise than the database; asking also fills it for the next time. */
  async faults(): Promise<readonly string[]> {
    const faults: string[] = []
    for (const [name, read] of Object.entries(READS)) {
      const said = JSON.stringify(await read(this.#dataSource, LONG))
      const right = JSON.stringify(await read(this.#dataSource, false))
      if (said !== right) faults.push(`${name}: ${said}, not ${right}`)
    }
    return faults
  }
}
