import { expect } from 'chai'
import { In, MoreThan } from 'typeorm'
import { HAS_UPDATE_ALL } from '../support/typeorm-features'
import { describeOnEachDatabase, exactly, type Swept } from '../support/zoo-writes'
import { Comment, Line, Login, Order, Tag, User, Vote } from '../support/zoo'

describeOnEachDatabase('the primitives of repositories', (zoo, database) => {
  /** MySQL and MariaDB decide an upsert by any unique column: its rows cannot be named. */
  const upserted = (...records: Parameters<typeof exactly>): Swept =>
    database === 'mariadb' ? { records: [], types: ['Tag'] } : exactly(...records)

  it('sweep what is inserted, and what it belongs to', async () => {
    const article = await zoo().article()
    const [one, other] = [await zoo().comment(article), await zoo().comment()]

    let id = 0
    const single = await zoo().sweptBy(async () => {
      const { identifiers } = await zoo().manager.insert(Vote, { commentId: one.id })
      id = Number(identifiers[0]?.['id'])
    })
    const many = await zoo().sweptBy(() =>
      zoo().manager.insert(Vote, [{ comment: { id: one.id } }, { comment: { id: other.id } }, {}]),
    )

    expect(single).to.deep.equal(exactly(article, one, `Vote:${id}`))
    const votes = [1, 2, 3].map((next) => `Vote:${id + next}`)
    expect(many).to.deep.equal(exactly(article, one, other, ...votes))
  })

  it('sweep rows that are inserted with keys of their own beside rows without', async () => {
    const comment = await zoo().comment()
    const { id } = await zoo().vote(comment)

    const given = await zoo().sweptBy(() =>
      zoo().manager.insert(Vote, [{ id: id + 10 }, { id: id + 20, comment }]),
    )
    const votes = await zoo().manager.findBy(Vote, { id: MoreThan(id) })
    const mixed = await zoo().sweptBy(() =>
      zoo().manager.insert(Vote, [{ id: id + 50 }, { comment }]),
    )
    const others = await zoo().manager.findBy(Vote, { id: MoreThan(votes.at(-1)?.id ?? 0) })

    expect(given).to.deep.equal(exactly(comment, ...votes))
    // TypeORM counts on from one of the keys, and is wrong.
    expect(mixed).to.deep.equal(
      zoo().isSqlite ? { ...exactly(comment), types: ['Vote'] } : exactly(comment, ...others),
    )
  })

  it('sweep the rows that an update matches, by key, by criteria and by a find operator', async () => {
    const article = await zoo().article()
    const [one, other] = [await zoo().comment(article), await zoo().comment(article)]
    await zoo().comment()
    const comments = zoo().manager.getRepository(Comment)

    expect(await zoo().sweptBy(() => comments.update(one.id, { text: '1' }))).to.deep.equal(
      exactly(article, one),
    )
    expect(
      await zoo().sweptBy(() => comments.update({ article: { id: article.id } }, { text: '2' })),
    ).to.deep.equal(exactly(article, one, other))
    expect(
      await zoo().sweptBy(() => comments.update({ id: In([one.id, other.id]) }, { text: '3' })),
    ).to.deep.equal(exactly(article, one, other))
    expect(await zoo().sweptBy(() => comments.update(-1, { text: '4' }))).to.deep.equal(exactly())
  })

  it('sweep old and new parents where an update moves rows', async () => {
    const [from, to] = [await zoo().article(), await zoo().article()]
    const [a, b] = [await zoo().comment(from), await zoo().comment(to)]
    const vote = await zoo().vote(a)

    expect(
      await zoo().sweptBy(() => zoo().manager.update(Vote, vote.id, { commentId: b.id })),
    ).to.deep.equal(exactly(from, to, a, b, vote))
    expect(
      await zoo().sweptBy(() => zoo().manager.update(Vote, vote.id, { comment: a })),
    ).to.deep.equal(exactly(from, to, a, b, vote))
    expect(
      await zoo().sweptBy(() =>
        zoo().dataSource.transaction((m) => m.update(Vote, vote.id, { comment: null })),
      ),
    ).to.deep.equal(exactly(from, a, vote))
  })

  it('sweep what is counted up and down', async () => {
    const article = await zoo().article()
    const comment = await zoo().comment(article)
    const { manager } = zoo()

    expect(
      await zoo().sweptBy(() => manager.increment(Comment, { id: comment.id }, 'hits', 2)),
    ).to.deep.equal(exactly(article, comment))
    expect(
      await zoo().sweptBy(() => manager.decrement(Comment, { id: comment.id }, 'hits', 1)),
    ).to.deep.equal(exactly(article, comment))
  })

  it('sweep what is deleted, with all that the database deletes or clears along', async () => {
    const [article, author] = [await zoo().article(), await zoo().user()]
    const comment = await zoo().comment(article, author)
    const vote = await zoo().vote(comment)
    const other = await zoo().comment(null, author)

    expect(await zoo().sweptBy(() => zoo().manager.delete(Comment, comment.id))).to.deep.equal(
      exactly(article, comment, vote),
    )
    expect(
      await zoo().sweptBy(() => zoo().manager.delete(User, { email: author.email })),
    ).to.deep.equal(exactly(author, other))
  })

  it('sweep soft-deleted and restored rows', async () => {
    const article = await zoo().article()
    const comment = await zoo().comment(article)
    const { manager } = zoo()

    expect(await zoo().sweptBy(() => manager.softDelete(Comment, comment.id))).to.deep.equal(
      exactly(article, comment),
    )
    expect(
      await zoo().sweptBy(() => manager.update(Comment, comment.id, { text: 'unseen' })),
    ).to.deep.equal(exactly(article, comment))
    expect(await zoo().sweptBy(() => manager.restore(Comment, comment.id))).to.deep.equal(
      exactly(article, comment),
    )
  })

  // TypeORM 0.3 writes such rows again.
  if (HAS_UPDATE_ALL)
    it('sweep nothing that is deleted, or not deleted, already', async () => {
      const article = await zoo().article()
      const comment = await zoo().comment(article)
      const { manager } = zoo()

      expect(await zoo().sweptBy(() => manager.restore(Comment, comment.id))).to.deep.equal(
        exactly(),
      )
      await manager.softDelete(Comment, comment.id)
      expect(await zoo().sweptBy(() => manager.softDelete(Comment, comment.id))).to.deep.equal(
        exactly(),
      )
    })

  if (HAS_UPDATE_ALL)
    it('sweep every row of updateAll and deleteAll', async () => {
      const [article, comment] = [await zoo().article(), await zoo().comment()]
      const { manager } = zoo()
      await manager.deleteAll(Vote)
      const votes = [await zoo().vote(comment), await zoo().vote(await zoo().comment(article))]
      const parents = [comment, article, `Comment:${votes[1]?.comment?.id}`]

      expect(await zoo().sweptBy(() => manager.updateAll(Vote, { value: 3 }))).to.deep.equal(
        exactly(...votes, ...parents),
      )
      expect(await zoo().sweptBy(() => manager.deleteAll(Vote))).to.deep.equal(
        exactly(...votes, ...parents),
      )
    })

  it('sweep what an upsert inserts and updates, and what its rows belong to', async () => {
    const [article, known] = [await zoo().article(), await zoo().tag()]
    await zoo().manager.createQueryBuilder().relation(Tag, 'articles').of(known).add(article)
    const tags = zoo().manager.getRepository(Tag)
    const slug = zoo().word()

    const update = await zoo().sweptBy(() =>
      tags.upsert({ slug: known.slug, label: 'u' }, ['slug']),
    )
    const insert = await zoo().sweptBy(() => tags.upsert({ slug }, ['slug']))
    const fresh = await tags.findOneByOrFail({ slug })
    const both = await zoo().sweptBy(() =>
      tags.upsert(
        [
          { slug, label: 'b' },
          { slug: known.slug, label: 'b' },
        ],
        {
          conflictPaths: ['slug'],
          skipUpdateIfNoValuesChanged: database === 'postgres',
        },
      ),
    )

    expect(update).to.deep.equal(upserted(article, known))
    expect(insert).to.deep.equal(upserted(`Tag:${fresh.id}`))
    expect(both).to.deep.equal(upserted(article, known, fresh))
  })

  it('sweep the row that an upsert by a generated key inserts or updates', async () => {
    const comment = await zoo().comment()
    const { id } = await zoo().vote(comment)

    const { records, types } = await zoo().sweptBy(() =>
      zoo().manager.upsert(Vote, { id, commentId: comment.id, value: 5 }, ['id']),
    )

    // PostgreSQL is not sent the key and inserts another row; MariaDB decides by any unique column.
    expect(types).to.deep.equal(zoo().isSqlite ? [] : ['Vote'])
    expect(records).to.include(`Comment:${comment.id}`)
    expect(records.includes(`Vote:${id}`)).to.equal(zoo().isSqlite)
  })

  it('sweep the parent that the row names, where the object given names two', async () => {
    const [ann, bob] = [await zoo().user(), await zoo().user()]
    const user = { id: ann.id, email: bob.email }

    const { records } = await zoo().sweptBy(() => zoo().manager.insert(Login, { user }))

    expect(records).to.include(`User:${bob.id}`)
  })

  it('sweep composite keys and what they belong to', async () => {
    const number = Math.floor(Math.random() * 1e9)
    const { manager } = zoo()
    await manager.insert(Order, { tenant: 't', number })
    const lines = [1, 2].map((position) => ({ tenant: 't', number, position }))
    const expected = exactly(`Line:t,${number},1`, `Line:t,${number},2`, `Order:t,${number}`)

    expect(await zoo().sweptBy(() => manager.insert(Line, lines))).to.deep.equal(expected)
    expect(
      await zoo().sweptBy(() => manager.update(Line, { tenant: 't', number }, { text: 'x' })),
    ).to.deep.equal(expected)
    expect(await zoo().sweptBy(() => manager.delete(Order, { tenant: 't', number }))).to.deep.equal(
      expected,
    )
  })

  it('say that a whole type is swept where a primary key is changed', async () => {
    const number = Math.floor(Math.random() * 1e9)
    await zoo().manager.insert(Order, { tenant: 't', number })
    await zoo().manager.insert(Line, { tenant: 't', number, position: 1 })

    expect(
      await zoo().sweptBy(() =>
        zoo().manager.update(Line, { tenant: 't', number }, { position: 2 }),
      ),
    ).to.deep.equal({ records: [], types: ['Line'] })
  })
})
