import { expect } from 'chai'
import { HAS_INSERT_FROM_SELECT } from '../support/typeorm-features'
import { describeOnEachDatabase, exactly } from '../support/zoo-writes'
import { Article, Comment, Profile, Tag, Video, Vote } from '../support/zoo'

describeOnEachDatabase('query builders that write', (zoo, database) => {
  it('sweep what they insert; the type, where TypeORM is told to learn no keys', async () => {
    const comment = await zoo().comment()
    const insert = () =>
      zoo().manager.createQueryBuilder().insert().into(Vote).values({ commentId: comment.id })

    const { records, types } = await zoo().sweptBy(() => insert().execute())
    const unlearned = await zoo().sweptBy(() => insert().updateEntity(false).execute())

    expect(types).to.deep.equal([])
    expect(records).to.have.length(2).and.include(`Comment:${comment.id}`)
    expect(unlearned.records).to.include(`Comment:${comment.id}`)
    expect(unlearned.types).to.deep.equal(database === 'sqljs' ? ['Vote'] : unlearned.types)
    expect(unlearned.records.length + unlearned.types.length).to.equal(2)
  })

  it('say that a whole type is swept for INSERT OR IGNORE', async () => {
    const ignoring = zoo().manager.createQueryBuilder().insert().into(Tag).orIgnore()

    expect(
      await zoo().sweptBy(() => ignoring.values({ slug: zoo().word() }).execute()),
    ).to.deep.equal({ records: [], types: ['Tag'] })
  })

  if (HAS_INSERT_FROM_SELECT)
    it('say that a whole type is swept for INSERT ... SELECT', async () => {
      const comment = await zoo().comment()
      const copying = zoo()
        .manager.createQueryBuilder()
        .insert()
        .into(Vote, ['commentId'])
        .valuesFromSelect((select) =>
          select.select('c.id', 'commentId').from(Comment, 'c').where('c.id = :id', comment),
        )

      expect(await zoo().sweptBy(() => copying.execute())).to.deep.equal({
        records: [],
        types: ['Vote'],
      })
    })

  it('sweep what they update, whoever listens and in whatever transaction', async () => {
    const article = await zoo().article()
    const comment = await zoo().comment(article)
    const { id } = comment
    const update = () =>
      zoo().manager.createQueryBuilder().update(Comment).set({ text: zoo().word() })
    const expected = exactly(article, comment)

    expect(await zoo().sweptBy(() => update().where('id = :id', { id }).execute())).to.deep.equal(
      expected,
    )
    expect(
      await zoo().sweptBy(() => update().where({ id }).callListeners(false).execute()),
    ).to.deep.equal(expected)
    expect(
      await zoo().sweptBy(() => update().where({ id }).useTransaction(true).execute()),
    ).to.deep.equal(expected)
    expect(await zoo().sweptBy(() => update().whereEntity(comment).execute())).to.deep.equal(
      expected,
    )
  })

  it('sweep by property names, by the name of the table, and by a subquery that names the outer row', async () => {
    const article = await zoo().article()
    const [voted, other] = [await zoo().comment(article), await zoo().comment(article)]
    await zoo().vote(voted)
    const column = zoo().dataSource.driver.escape('commentId')
    const hasVotes = `EXISTS (SELECT 1 FROM zoo_vote v WHERE v.${column} = zoo_comment.id)`
    const ids = { ids: [voted.id, other.id] }
    const ofBoth = zoo().manager.getRepository(Comment).createQueryBuilder('c')

    const updated = await zoo().sweptBy(() =>
      zoo().dataSource.transaction((m) =>
        m
          .createQueryBuilder()
          .update('zoo_comment')
          .set({ hits: 7 })
          .where('updatedAt IS NOT NULL AND id IN (:...ids)', ids)
          .execute(),
      ),
    )
    const deleted = await zoo().sweptBy(() =>
      zoo().dataSource.transaction((m) =>
        ofBoth
          .clone()
          .setQueryRunner(m.queryRunner ?? fail())
          .delete()
          .where(`id IN (:...ids) AND NOT ${hasVotes}`, ids)
          .execute(),
      ),
    )

    expect(updated).to.deep.equal(exactly(article, voted, other))
    expect(deleted).to.deep.equal(exactly(article, other))
  })

  it('sweep soft deletes and restores', async () => {
    const article = await zoo().article()
    const builder = () => zoo().manager.createQueryBuilder()

    for (const write of [
      () => builder().softDelete().from(Article).where({ id: article.id }),
      () => builder().restore().from(Article).where({ id: article.id }),
    ])
      expect(await zoo().sweptBy(() => write().execute())).to.deep.equal(exactly(article))
  })

  it('sweep the type, and not half of it, for a WHERE that no SELECT can have', async () => {
    const comment = await zoo().comment()
    const schema = database === 'postgres' ? 'public.' : ''
    const where = `${schema}zoo_comment.id = ${comment.id}`

    const { records, types } = await zoo().sweptBy(() =>
      zoo().dataSource.transaction(async (m) => {
        const update = m.createQueryBuilder().update(Comment).set({ text: 'x', article: null })
        const { affected, raw } = await update.where(where).execute()
        expect(affected).to.equal(1)
        if (database === 'postgres') expect(raw).to.deep.equal([])
      }),
    )

    expect([records, types]).to.deep.equal(
      database === 'postgres' ? [[], ['Comment']] : [[`Comment:${comment.id}`], []],
    )
  })
})

describeOnEachDatabase('relation builders', (zoo) => {
  it('sweep old and new parents of a many-to-one, plain, inherited and one-to-one', async () => {
    const [from, to] = [await zoo().article(), await zoo().article()]
    const comment = await zoo().comment(from)
    const video = await zoo().manager.save(Video, { title: 'v', article: from } as Video)
    const [ann, bob] = [await zoo().user(), await zoo().user()]
    const profile = await zoo().manager.save(Profile, { id: String(from.id), user: ann } as Profile)
    const relation = (target: typeof Comment | typeof Video, property: string) =>
      zoo().manager.createQueryBuilder().relation(target, property)

    expect(
      await zoo().sweptBy(() => relation(Comment, 'article').of(comment).set(to)),
    ).to.deep.equal(exactly(from, to, comment))
    expect(
      await zoo().sweptBy(() => relation(Comment, 'article').of(comment).set(null)),
    ).to.deep.equal(exactly(to, comment))
    expect(await zoo().sweptBy(() => relation(Video, 'article').of(video).set(to))).to.deep.equal(
      exactly(from, to, `Content:${video.id}`),
    )
    expect(
      await zoo().sweptBy(() =>
        zoo().manager.createQueryBuilder().relation(Profile, 'user').of(profile).set(bob.id),
      ),
    ).to.deep.equal(exactly(ann, bob, `Profile:${profile.id}`))
  })

  it('sweep the children and both parents of a one-to-many', async () => {
    const [from, to] = [await zoo().article(), await zoo().article()]
    const comment = await zoo().comment(from)
    const comments = () => zoo().manager.createQueryBuilder().relation(Article, 'comments')

    expect(await zoo().sweptBy(() => comments().of(to).add(comment))).to.deep.equal(
      exactly(from, to, comment),
    )
    expect(await zoo().sweptBy(() => comments().of(to).remove(comment))).to.deep.equal(
      exactly(to, comment),
    )
  })

  it('sweep both ends of a many-to-many, from either side', async () => {
    const article = await zoo().article()
    const [one, other] = [await zoo().tag(), await zoo().tag()]
    const tags = () => zoo().manager.createQueryBuilder().relation(Article, 'tags').of(article)
    const articles = () => zoo().manager.createQueryBuilder().relation(Tag, 'articles').of(other)

    expect(await zoo().sweptBy(() => tags().add(one))).to.deep.equal(exactly(article, one))
    expect(await zoo().sweptBy(() => articles().add(article))).to.deep.equal(
      exactly(article, other),
    )
    expect(await zoo().sweptBy(() => tags().remove([one, other]))).to.deep.equal(
      exactly(article, one, other),
    )
  })
})

function fail(): never {
  throw new Error('a transaction has a query runner')
}
