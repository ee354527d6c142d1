import { expect } from 'chai'
import { In } from 'typeorm'
import { record } from '../../src/index'
import { Article, Comment, Login, Tag, User } from '../support/zoo'
import { describeOnEachDatabase, exactly } from '../support/zoo-writes'

const MOST = 2

/** One more than may stand behind a statement or a step. */
const three = <T>(make: () => Promise<T>): Promise<T[]> =>
  [1, 2, 3].reduce<Promise<T[]>>(
    async (made) => [...(await made), await make()],
    Promise.resolve([]),
  )

describeOnEachDatabase(
  'more rows than maxFanOut',
  (zoo) => {
    const idsOf = (rows: readonly { readonly id: unknown }[]) => In(rows.map(({ id }) => id))

    it('of an UPDATE that sets a foreign key are swept by their type, and what they belong to', async () => {
      const [from, to] = [await zoo().article(), await zoo().article()]
      const comments = await three(() => zoo().comment(from))
      const move = (some: readonly Comment[]) => () =>
        zoo().manager.update(Comment, { id: idsOf(some) }, { article: to })

      const few = await zoo().sweptBy(move(comments.slice(0, MOST)))
      const before = await zoo().sweeper.version(record(Article, from.id))
      const many = await zoo().sweptBy(move(comments))

      expect(few).to.deep.equal(exactly(from, to, ...comments.slice(0, MOST)))
      expect(many.types).to.deep.equal(['Comment'])
      expect(await zoo().sweeper.version(record(Article, from.id))).not.to.equal(before)
    })

    it('of a DELETE are swept by their type, what they belong to and what is deleted with them', async () => {
      const article = await zoo().article()
      const comments = await three(() => zoo().comment(article))
      const remove = (some: readonly Comment[]) => () =>
        zoo().manager.delete(Comment, { id: idsOf(some) })

      const few = await zoo().sweptBy(remove(comments.slice(0, 1)))
      const more = [...comments, await zoo().comment(article)].slice(1)
      const before = await zoo().sweeper.version(record(Article, article.id))
      const many = await zoo().sweptBy(remove(more))

      expect(few).to.deep.equal(exactly(article, ...comments.slice(0, 1)))
      expect(many.types).to.deep.equal(['Comment', 'Vote'])
      expect(await zoo().sweeper.version(record(Article, article.id))).not.to.equal(before)
    })

    it('that ON DELETE takes along are swept by their type', async () => {
      const comment = await zoo().comment(await zoo().article())
      await three(() => zoo().vote(comment))

      const { types } = await zoo().sweptBy(() => zoo().manager.delete(Comment, comment.id))

      expect(types).to.deep.equal(['Vote'])
    })

    it('behind an inverse side are swept by their type', async () => {
      const ann = await zoo().user()
      await three(() => zoo().comment(null, ann))

      const { types } = await zoo().sweptBy(() =>
        zoo().manager.update(User, ann.id, { name: 'Ann' }),
      )

      expect(types).to.include('Comment')
    })

    it('behind a many-to-many step are swept by their type', async () => {
      const tag = await zoo().tag()
      for (const article of await three(() => zoo().article()))
        await zoo().manager.createQueryBuilder().relation(Article, 'tags').of(article).add(tag)

      const { types } = await zoo().sweptBy(() =>
        zoo().manager.update(Tag, tag.id, { label: 'new' }),
      )

      expect(types).to.include('Article')
    })

    it('of a many-to-many table that a statement removes are swept by both their ends', async () => {
      const article = await zoo().article()
      const tags = await three(() => zoo().tag())
      const pairs = () => zoo().manager.createQueryBuilder().relation(Article, 'tags').of(article)
      await pairs().add(tags)

      const { types } = await zoo().sweptBy(() => pairs().remove(tags))

      expect(types).to.include.members(['Article', 'Tag'])
    })

    it('of a many-to-many table that point at a deleted row are swept by both their ends', async () => {
      const article = await zoo().article()
      const tags = await three(() => zoo().tag())
      await zoo().manager.createQueryBuilder().relation(Article, 'tags').of(article).add(tags)

      const { types } = await zoo().sweptBy(() => zoo().manager.delete(Article, article.id))

      expect(types).to.include.members(['Article', 'Tag'])
    })

    it('of an INSERT are swept one by one, with parents that go by another column than their key', async () => {
      const users = await three(() => zoo().user())

      const swept = await zoo().sweptBy(() =>
        zoo().manager.insert(
          Login,
          users.map((user) => ({ user })),
        ),
      )

      expect(swept.records).to.include.members(users.map(({ id }) => `User:${id}`))
    })

    it('of an upsert are swept one by one', async () => {
      const tags = await three(() => zoo().tag())

      const { records, types } = await zoo().sweptBy(() =>
        zoo().manager.upsert(
          Tag,
          tags.map(({ slug }) => ({ slug, label: 'new' })),
          ['slug'],
        ),
      )

      // On MariaDB any unique column may have decided: there it is the whole type.
      if (zoo().database === 'mariadb') expect(types).to.include('Tag')
      else expect(records).to.include.members(tags.map(({ id }) => `Tag:${id}`))
    })

    it('of a save() are swept one by one', async () => {
      const comment = await zoo().comment()
      const votes = await three(() => zoo().vote(comment))
      for (const vote of votes) vote.value = 2

      const swept = await zoo().sweptBy(() => zoo().manager.save(votes))

      expect(swept).to.deep.equal(exactly(comment, ...votes))
    })
  },
  { maxFanOut: MOST },
)
