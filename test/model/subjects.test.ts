import { expect } from 'chai'
import { DataSource } from 'typeorm'
import { InstanceOrigins } from '../../src/core/instance-origins'
import { Keyspace } from '../../src/core/keyspace'
import type { Subject } from '../../src/core/subject'
import { EntityGraph } from '../../src/model/entity-graph'
import { children, record } from '../../src/model/record-ref'
import { SubjectResolver, type ResolveOptions } from '../../src/model/subjects'
import { sqljs } from '../support/services'
import {
  Article,
  Comment,
  Dated,
  ENTITIES,
  FolderSchema,
  Label,
  Line,
  NoteSchema,
  Order,
  Photo,
  Profile,
  User,
  Video,
  Vote,
} from './fixtures'

describe('SubjectResolver', () => {
  let dataSource: DataSource
  const origins = new InstanceOrigins()
  const subjects = new SubjectResolver(
    () => EntityGraph.of(dataSource),
    new Keyspace('blog'),
    origins,
  )

  before(async () => {
    const entities = ENTITIES
    dataSource = await new DataSource({ ...sqljs(), entities, synchronize: true }).initialize()
  })
  after(() => dataSource.destroy())

  function resolve(on: unknown, options?: ResolveOptions): Omit<Subject, 'made'> {
    const [subject, ...others] = subjects.resolve(on, options)
    expect(others).to.deep.equal([])
    if (subject === undefined) return expect.fail('no subject')
    // Whether one is remembered says nothing about what it is: known-subjects.test.ts.
    const { made: _, ...rest } = subject
    return rest
  }

  const keysOf = (on: unknown): readonly string[] => resolve(on).tokens.map(({ key }) => key)
  const comment = (values: Partial<Comment>): Comment => Object.assign(new Comment(), values)

  describe('of a record', () => {
    it('compares its token and that of its type', () => {
      expect(resolve(record(Comment, 17))).to.deep.equal({
        tag: 'comment:17',
        label: 'Comment:17',
        tokens: [
          { key: 'blog:t:{comment:17}', half: 'whole' },
          { key: 'blog:y:{comment}', half: 'whole' },
        ],
        attribute: undefined,
        instance: undefined,
        ttlMs: 3_600_000,
      })
    })

    it('is the same however it is named', () => {
      const named = resolve(record(Comment, 17))

      expect(resolve([Comment, '17'])).to.deep.equal(named)
      expect(resolve(record(Comment, { id: 17n }))).to.deep.equal(named)
      expect(resolve(comment({ id: 17 }))).to.deep.include({ tag: named.tag, tokens: named.tokens })
    })

    it('compares the row half alone if asked', () => {
      const { tokens } = resolve(record(Comment, 17), { half: 'row' })

      expect(tokens.map(({ half }) => half)).to.deep.equal(['row', 'whole'])
    })

    it('in a table of several classes is the same for all of them, with the ttl of the one named', () => {
      expect(keysOf(record(Video, 3))).to.deep.equal(keysOf(record(Photo, 3)))
      expect(resolve(record(Video, 3)).ttlMs).to.equal(300_000)
      expect(resolve(record(Photo, 3)).ttlMs).to.equal(undefined)
    })

    it('with a composite key has all of its parts', () => {
      const { tag } = resolve(record(Line, { tenant: 'a:b', orderNumber: 7, position: 1 }))

      expect(tag).to.equal('line:a%3Ab,7,1')
    })

    it('of a schema is found by it', () => {
      expect(resolve(record(NoteSchema, 5)).tag).to.equal('memo:5')
      expect(resolve([FolderSchema, 5]).tag).to.equal('folder:5')
    })
  })

  describe('of an instance', () => {
    it('has the value of its using property', () => {
      const updatedAt = new Date(1.7e12)

      expect(resolve(comment({ id: 1, updatedAt })).attribute).to.equal('2023-11-14T22:13:20.000Z')
      expect(resolve(Object.assign(new Label(), { name: 'x', version: 4 })).attribute).to.equal('4')
    })

    it('has no attribute where it is not loaded or not declared', () => {
      expect(resolve(comment({ id: 1 })).attribute).to.equal(undefined)
      expect(resolve(Object.assign(new User(), { id: 1 })).attribute).to.equal(undefined)
    })

    it('has the using property of its own class', () => {
      const photo = Object.assign(new Photo(), { id: 1, version: 4, width: 640 })

      expect(resolve(photo).attribute).to.equal('640')
    })

    it('knows where it came from', () => {
      const loaded = comment({ id: 1 })
      const runner = { isTransactionActive: false }
      origins.note(loaded, 1234, runner)

      expect(resolve(loaded).instance).to.deep.equal({ loadedAtMs: 1234, inTransaction: false })
      expect(resolve(comment({ id: 1 })).instance?.loadedAtMs).to.equal(undefined)
    })

    it('may be of a subclass, a proxy, or loaded with lazy relations', async () => {
      class MyComment extends Comment {}
      await dataSource.getRepository(User).insert({ id: 8 })
      await dataSource.getRepository(Profile).insert({ userId: 8 })
      const profile = await dataSource.getRepository(Profile).findOneByOrFail({ userId: 8 })

      expect(resolve(Object.assign(new MyComment(), { id: 17 })).tag).to.equal('comment:17')
      expect(resolve(new Proxy(comment({ id: 17 }), {})).tag).to.equal('comment:17')
      expect(resolve(profile).tag).to.equal('profile:8')
    })

    it('without a key is an error that names class and key', () => {
      expect(() => subjects.resolve(new Comment(), { where: 'getOrSet "card"' }))
        .to.throw('getOrSet "card": Comment has no value for its primary key "id"; save it first')
        .with.property('code', 'SWEEPER_MISSING_PRIMARY_KEY')
      expect(() => subjects.resolve(Object.assign(new Order(), { tenant: 'a' }))).to.throw(
        '"number"',
      )
    })
  })

  describe('of a type', () => {
    it('compares its collection token and its type token', () => {
      expect(resolve(Comment)).to.deep.equal({
        tag: 'comment',
        label: 'Comment',
        tokens: [
          { key: 'blog:c:{comment}', half: 'whole' },
          { key: 'blog:y:{comment}', half: 'whole' },
        ],
        attribute: undefined,
        instance: undefined,
        ttlMs: 3_600_000,
      })
      expect(keysOf(NoteSchema)).to.deep.equal(['blog:c:{memo}', 'blog:y:{memo}'])
      expect(keysOf(Video)).to.deep.equal(['blog:c:{content}', 'blog:y:{content}'])
    })
  })

  describe('of a list of children', () => {
    it('compares the token of the list and the type token of the children', () => {
      expect(resolve(children(Article, 7, 'comments'))).to.deep.include({
        tag: 'article:7/comments',
        label: 'Article:7/comments',
        tokens: [
          { key: 'blog:l:{article:7}/comments', half: 'whole' },
          { key: 'blog:y:{comment}', half: 'whole' },
        ],
        ttlMs: 3_600_000,
      })
    })

    it('is one list for several properties over one foreign key', () => {
      expect(keysOf(children(Article, 7, 'approved'))).to.deep.equal(
        keysOf(children(Article, 7, 'comments')),
      )
    })

    it('names its record by a composite key', () => {
      const list = children(Order, { tenant: 'a', number: 7 }, 'lines')

      expect(keysOf(list)[0]).to.equal('blog:l:{order:a,7}/lines')
    })

    it('that nobody keeps track of is an error that says what to declare', () => {
      expect(() => subjects.resolve(children(Article, 7, 'votes')))
        .to.throw(
          'on: children(Article, ..., "votes"): changes of Vote are not followed; declare dependsOn: ["article"] on Vote',
        )
        .with.property('code', 'SWEEPER_INVALID_SUBJECT')
    })

    it('of a property that is no list is an error that names the lists', () => {
      for (const property of ['title', 'labels'] as const)
        expect(() => subjects.resolve(children(Article, 7, property))).to.throw(
          'that is no one-to-many relation; those are comments, approved, votes',
        )
      expect(() => subjects.resolve(children(Vote, '7', 'article'))).to.throw('it has none')
    })
  })

  it('keeps the order of a list of subjects', () => {
    const tags = subjects.resolve([Comment, record(Article, 7), comment({ id: 1 })])

    expect(tags.map(({ tag }) => tag)).to.deep.equal(['comment', 'article:7', 'comment:1'])
    expect(subjects.resolve([])).to.deep.equal([])
  })

  describe('refuses', () => {
    class Stranger {
      id = 1
    }
    const REFUSED: readonly (readonly [string, () => unknown, string])[] = [
      [
        'a plain object',
        () => ({ id: 17 }),
        'on: a plain object does not tell its entity; name the record with record(Entity, id)',
      ],
      ['an object without a prototype', () => Object.create(null), 'a plain object does not tell'],
      [
        'an instance of another class',
        () => new Stranger(),
        'Stranger is no entity of this DataSource',
      ],
      ['a promise', () => Promise.resolve(new Comment()), 'a promise is no record; await it first'],
      [
        'a class that is no entity',
        () => Stranger,
        'Stranger is no entity of this DataSource; list it',
      ],
      ['a record of such a class', () => record(Stranger, 1), 'Stranger is no entity'],
      ['an abstract base', () => record(Dated, 1), 'Dated is no entity'],
      ['a function', () => () => 1, 'a function without a name is no entity'],
      ['a key that cannot be', () => record(Comment, 'abc'), '"id" takes a whole number'],
    ]
    for (const [what, make, message] of REFUSED)
      it(what, () => {
        expect(() => subjects.resolve(make()))
          .to.throw(message)
          .with.property('code', 'SWEEPER_INVALID_SUBJECT')
      })
  })

  describe('targets()', () => {
    const targetOf = (on: unknown): object => {
      const [target] = subjects.targets(on)
      return target ?? expect.fail('no target')
    }

    it('are records, types, and tokens of lists', () => {
      const graph = EntityGraph.of(dataSource)
      const type = graph.typeOfTarget(Comment)

      for (const on of [record(Comment, 17), comment({ id: 17 })]) {
        expect(targetOf(on)).to.include({ kind: 'record', type })
        expect(targetOf(on)).to.have.nested.property('id.text', '17')
      }
      expect(targetOf(Comment)).to.deep.equal({ kind: 'type', type })
      expect(targetOf(children(Article, 7, 'comments'))).to.deep.equal({
        kind: 'children',
        of: type,
        key: 'blog:l:{article:7}/comments',
        owner: 'Article:7',
      })
    })

    it('are refused like subjects', () => {
      expect(() => subjects.targets({ id: 17 }, 'sweep')).to.throw('sweep: a plain object')
      expect(() => subjects.targets(new Comment())).to.throw('"id"')
    })
  })
})
