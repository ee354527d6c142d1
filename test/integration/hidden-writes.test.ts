import { expect } from 'chai'
import { describeOnEachDatabase, exactly } from '../support/zoo-writes'
import { Article, Comment, Tag, User, Vote } from '../support/zoo'

describeOnEachDatabase('what save() writes without telling', (zoo) => {
  it('is swept with listeners, reload and transaction switched off', async () => {
    const [from, to] = [await zoo().article(), await zoo().article()]
    const comment = await zoo().comment(from)
    const comments = zoo().manager.getRepository(Comment)

    for (const options of [{ listeners: false }, { reload: false }, { transaction: false }]) {
      const loaded = await comments.findOneByOrFail({ id: comment.id })
      expect(
        await zoo().sweptBy(() => comments.save({ ...loaded, text: zoo().word() }, options)),
        JSON.stringify(options),
      ).to.deep.equal(exactly(from, comment))
    }
    expect(
      await zoo().sweptBy(() =>
        comments.save({ id: comment.id, article: to }, { listeners: false, transaction: false }),
      ),
    ).to.deep.equal(exactly(from, to, comment))
  })

  it('is swept for a child that another article takes over through its array', async () => {
    const [from, to] = [await zoo().article(), await zoo().article()]
    const comment = await zoo().comment(from)

    const swept = await zoo().sweptBy(() =>
      zoo().manager.save(Object.assign(to, { comments: [comment] })),
    )

    expect(swept).to.deep.equal(exactly(from, to, comment))
  })

  it('is swept for a child that is taken over and changed at once', async () => {
    const [from, to] = [await zoo().article(), await zoo().article()]
    const comment = await zoo().comment(from)
    const changed = zoo().manager.create(Comment, { id: comment.id, text: 'both' })

    const swept = await zoo().sweptBy(() =>
      zoo().manager.save(Object.assign(to, { comments: [changed] })),
    )

    expect(swept).to.deep.equal(exactly(from, to, comment))
  })

  it('is swept for orphans, which lose their foreign key', async () => {
    const article = await zoo().article()
    const [kept, orphan] = [await zoo().comment(article), await zoo().comment(article)]

    const swept = await zoo().sweptBy(() =>
      zoo().manager.save(Object.assign(article, { comments: [kept] })),
    )

    expect(swept.records).to.include.members(exactly(article, orphan).records)
    expect(swept.types).to.deep.equal([])
  })

  it('is swept for an inverse side without cascades, from the parent the child had', async () => {
    const [article, author] = [await zoo().article(), await zoo().user()]
    const [a, b] = [await zoo().comment(article), await zoo().comment()]
    const vote = await zoo().vote(a)
    const users = zoo().manager.getRepository(User)

    expect(
      await zoo().sweptBy(() => users.save(Object.assign(author, { comments: [a] }))),
    ).to.deep.equal(exactly(article, a))
    expect(
      await zoo().sweptBy(() => zoo().manager.save(Object.assign(b, { votes: [vote] }))),
    ).to.deep.equal(exactly(article, a, b, vote))
    expect(
      await zoo().sweptBy(() => zoo().manager.save(Object.assign(b, { votes: [] }))),
    ).to.deep.equal(exactly(b, vote))
  })

  it('is swept at both ends of a many-to-many, from either side', async () => {
    const [article, tag] = [await zoo().article(), await zoo().tag()]
    const { manager } = zoo()

    expect(
      await zoo().sweptBy(() => manager.save(Object.assign(tag, { articles: [article] }))),
    ).to.deep.equal(exactly(article, tag))
    const loaded = await manager.findOneOrFail(Article, {
      where: { id: article.id },
      relations: { tags: true },
    })
    expect(
      await zoo().sweptBy(() => manager.save(Object.assign(loaded, { tags: [] }))),
    ).to.deep.equal(exactly(article, tag))
  })

  it('is swept at the other ends of what goes with a removed row', async () => {
    const [article, tag] = [await zoo().article(), await zoo().tag()]
    await zoo().manager.createQueryBuilder().relation(Tag, 'articles').of(tag).add(article)
    const label = `Article:${article.id}`

    expect(await zoo().sweptBy(() => zoo().manager.remove(article))).to.deep.equal(
      exactly(label, tag),
    )
  })

  it('is not swept at all where nothing was written', async () => {
    const { id } = await zoo().comment(await zoo().article())
    const comment = await zoo().manager.findOneByOrFail(Comment, { id })

    await zoo().sweptBy(() => zoo().manager.save(comment))

    expect(zoo().sweeps.count).to.equal(0)
  })

  it('is swept by a statement that nobody waited for before the transaction ended', async () => {
    const comment = await zoo().comment()
    const vote = await zoo().vote(comment)
    let late: Promise<unknown> = Promise.resolve()

    const { records } = await zoo().sweptBy(async () => {
      await zoo().dataSource.transaction(async (m) => {
        late = m.update(Vote, vote.id, { commentId: null })
      })
      await late
    })

    expect(records).to.deep.equal(exactly(comment, vote).records)
  })
})
