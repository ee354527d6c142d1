import { expect } from 'chai'
import { DataSource, type EntityManager } from 'typeorm'
import { recordQueries, type QueryRecorder } from '../support/recorders/record-queries'
import { describeWith } from '../support/services'
import { Article, Comment, Tag, User, Vote, ZOO } from '../support/zoo'
import { zooSweeper } from '../support/zoo-sweeper'

/** Statements beside the operation's own, those of the cascade included: docs/coverage.md. */
interface Cost {
  readonly inTransaction: number
  readonly alone: number
  run(manager: EntityManager): Promise<unknown>
}

/** Article 1 has the comments 1 and 2, comment 1 the votes 1 and 2; tag 1 is on article 1; user 1 wrote comment 1. */
const COSTS: Readonly<Record<string, Cost>> = {
  'save() of nothing new': {
    inTransaction: 0,
    alone: 0,
    run: async (m) => m.save(await m.findOneByOrFail(Comment, { id: 1 })),
  },
  'save() of a new row without links': {
    inTransaction: 0,
    alone: 0,
    run: (m) => m.save(m.create(Article, { title: 'x' })),
  },
  'save() of a new row': {
    inTransaction: 0,
    alone: 0,
    run: (m) => m.save(m.create(Comment, { article: { id: 1 } })),
  },
  'save() of a hundred new rows': {
    inTransaction: 0,
    alone: 0,
    run: (m) =>
      m.save(Array.from({ length: 100 }, () => m.create(Comment, { article: { id: 1 } }))),
  },
  'save() of a changed row': {
    inTransaction: 1,
    alone: 1,
    run: async (m) =>
      m.save(Object.assign(await m.findOneByOrFail(Comment, { id: 1 }), { hits: 9 })),
  },
  'save() of two changed rows': {
    inTransaction: 1,
    alone: 1,
    run: async (m) => {
      const comments = await m.findBy(Comment, { article: { id: 1 } })
      await m.save(comments.map((comment) => Object.assign(comment, { hits: 9 })))
    },
  },
  'save() of a row that moves': {
    inTransaction: 2,
    alone: 2,
    run: (m) => m.save(m.create(Comment, { id: 1, article: { id: 2 } })),
  },
  'save() of a row whose parents have parents': {
    inTransaction: 2,
    alone: 2,
    run: (m) => m.save(m.create(Vote, { id: 1, value: 9 })),
  },
  'insert()': { inTransaction: 0, alone: 0, run: (m) => m.insert(Comment, { article: { id: 1 } }) },
  'update() by key': {
    inTransaction: 0,
    alone: 1,
    run: (m) => m.update(Comment, 1, { text: 'x' }),
  },
  'update() of all rows': {
    inTransaction: 0,
    alone: 1,
    run: (m) => m.createQueryBuilder().update(Comment).set({ text: 'x' }).execute(),
  },
  'update() that moves rows': {
    inTransaction: 1,
    alone: 1,
    run: (m) => m.update(Comment, 1, { article: { id: 2 } }),
  },
  'increment()': {
    inTransaction: 0,
    alone: 1,
    run: (m) => m.increment(Comment, { id: 1 }, 'hits', 1),
  },
  'softDelete()': { inTransaction: 0, alone: 1, run: (m) => m.softDelete(Comment, 1) },
  'restore()': { inTransaction: 0, alone: 1, run: (m) => m.restore(Comment, 1) },
  'delete() of rows that nothing points at': {
    inTransaction: 1,
    alone: 2,
    run: (m) => m.delete(Vote, 1),
  },
  'delete() of rows that others go with': {
    inTransaction: 4,
    alone: 4,
    run: (m) => m.delete(Comment, 1),
  },
  'remove() of rows that nothing points at': {
    inTransaction: 1,
    alone: 1,
    run: async (m) => m.remove(await m.findOneByOrFail(Vote, { id: 1 })),
  },
  'upsert()': {
    inTransaction: 5,
    alone: 5,
    run: (m) => m.upsert(Tag, { slug: 'red', label: 'x' }, ['slug']),
  },
  'many-to-many, one more': {
    inTransaction: 2,
    alone: 2,
    run: (m) => m.createQueryBuilder().relation(Article, 'tags').of(2).add(1),
  },
  'many-to-many, one less': {
    inTransaction: 3,
    alone: 3,
    run: (m) => m.createQueryBuilder().relation(Article, 'tags').of(1).remove(1),
  },
  'update() through an inverse side': {
    inTransaction: 4,
    alone: 6,
    run: (m) => m.update(User, { email: 'a@example.org' }, { name: 'x' }),
  },
  'raw SQL that writes': {
    inTransaction: 0,
    alone: 0,
    run: (m) => m.query("UPDATE zoo_comment SET text = 'x'"),
  },
}

describeWith(['postgres'], 'what a Sweeper costs in SQL on PostgreSQL', ({ postgres }) => {
  let plain: DataSource
  let watched: DataSource

  before(async () => {
    plain = await open(await postgres.createDatabase(), false)
    watched = await open(await postgres.createDatabase(), true)
  })
  beforeEach(async () => {
    for (const { manager } of [plain, watched]) await seed(manager)
  })
  after(async () => {
    for (const one of [plain, watched]) await one.destroy()
  })

  async function extra(run: (one: DataSource) => Promise<unknown>): Promise<readonly string[]> {
    const [without, beside] = [recordQueries(plain), recordQueries(watched)]
    await run(plain)
    await run(watched)
    return surplus(beside, without)
  }

  for (const [operation, { inTransaction, alone, run }] of Object.entries(COSTS)) {
    it(`${operation}: ${inTransaction} in a transaction`, async () => {
      const sent = await extra((one) => one.transaction(run))
      expect(sent.length, sent.join('\n')).to.equal(inTransaction)
    })

    it(`${operation}: ${alone} outside one`, async () => {
      const sent = await extra((one) => run(one.manager))
      expect(sent.length, sent.join('\n')).to.equal(alone)
    })
  }
})

/** Statements by the count of which one recording exceeds the other. */
function surplus(of: QueryRecorder, over: QueryRecorder): readonly string[] {
  const rest = over.statements.map(withoutReturning)
  return of.statements.filter((statement) => {
    const at = rest.indexOf(withoutReturning(statement))
    if (at >= 0) rest.splice(at, 1)
    return at < 0
  })
}

/** What an UPDATE or DELETE returns beside is no statement. */
function withoutReturning(sql: string): string {
  return sql.replace(/ RETURNING .*$/, '')
}

async function open(url: string, isWatched: boolean): Promise<DataSource> {
  if (isWatched) return (await zooSweeper({ type: 'postgres', url })).dataSource
  return new DataSource({ type: 'postgres', url, entities: ZOO, synchronize: true }).initialize()
}

async function seed(manager: EntityManager): Promise<void> {
  await manager.query(
    'TRUNCATE zoo_article, zoo_comment, zoo_vote, zoo_user, zoo_tag RESTART IDENTITY CASCADE',
  )
  await manager.query(`
    INSERT INTO zoo_article (title) VALUES ('a'), ('b');
    INSERT INTO zoo_user (email) VALUES ('a@example.org');
    INSERT INTO zoo_comment ("articleId", "authorId", version)
      SELECT 1, id, 1 FROM zoo_user UNION ALL SELECT 1, NULL, 1;
    INSERT INTO zoo_vote ("commentId") VALUES (1), (1);
    INSERT INTO zoo_tag (slug) VALUES ('red');
    INSERT INTO zoo_article_tag VALUES (1, 1)`)
}
