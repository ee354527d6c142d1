import { expect } from 'chai'
import type { DataSource } from 'typeorm'
import type { Sweeper } from '../../src/index'
import { record } from '../../src/index'
import { recordQueries } from '../support/recorders/record-queries'
import { describeOnSqlite, describeWith } from '../support/services'
import {
  Article,
  Comment,
  Line,
  Login,
  Order,
  Page,
  Profile,
  Tag,
  User,
  Video,
  Vote,
} from '../support/zoo'
import { zooSweeper, type SweepRecorder, type ZooSweeper } from '../support/zoo-sweeper'

describeWith(['postgres'], 'entity writes on PostgreSQL', ({ postgres }) => {
  itSweepsEntityWrites(() => zooSweeper(postgres.options))
})

describeWith(['mariadb'], 'entity writes on MariaDB', ({ mariadb }) => {
  itSweepsEntityWrites(() => zooSweeper(mariadb.options))
})

describeOnSqlite('entity writes', (options) => {
  itSweepsEntityWrites(() => zooSweeper(options()))
})

function itSweepsEntityWrites(open: () => Promise<ZooSweeper>): void {
  let dataSource: DataSource
  let sweeper: Sweeper
  let sweeps: SweepRecorder

  before(async () => {
    const zoo = await open()
    dataSource = zoo.dataSource
    sweeper = zoo.sweeper
    sweeps = zoo.sweeps
  })
  after(() => dataSource.destroy())

  async function anArticle(): Promise<Article> {
    return dataSource.getRepository(Article).save({ title: 'a' })
  }

  async function aComment(article: Article | null): Promise<Comment> {
    return dataSource.getRepository(Comment).save({ text: 'c', article })
  }

  async function aVote(comment: Comment): Promise<Vote> {
    return dataSource.getRepository(Vote).save({ comment })
  }

  /** What a write sweeps, beside what its arrangement did. */
  async function sweptBy(work: () => Promise<unknown>): Promise<readonly string[]> {
    sweeps.reset()
    await work()
    expect(sweeps.types, 'types swept as a whole').to.deep.equal([])
    return sweeps.records
  }

  it('sweep a new vote, its comment and its article', async () => {
    const article = await anArticle()
    const comment = await aComment(article)
    let vote = new Vote()

    const swept = await sweptBy(async () => {
      vote = await aVote(comment)
    })

    expect(swept).to.deep.equal([
      `Article:${article.id}`,
      `Comment:${comment.id}`,
      `Vote:${vote.id}`,
    ])
    expect(sweeps.count).to.equal(1)
  })

  it('sweep an updated comment and its article, whether or not the relation is loaded', async () => {
    const article = await anArticle()
    const { id } = await aComment(article)
    const comments = dataSource.getRepository(Comment)
    const expected = [`Article:${article.id}`, `Comment:${id}`]

    const bare = await comments.findOneByOrFail({ id })
    expect(await sweptBy(() => comments.save({ ...bare, text: 'bare' }))).to.deep.equal(expected)
    const loaded = await comments.findOneOrFail({ where: { id }, relations: { article: true } })
    loaded.text = 'loaded'
    expect(await sweptBy(() => comments.save(loaded))).to.deep.equal(expected)
    expect(await sweptBy(() => comments.save({ id, text: 'partial' }))).to.deep.equal(expected)
  })

  it('sweep both comments and both articles when a vote moves', async () => {
    const [from, to] = [await anArticle(), await anArticle()]
    const [a, b] = [await aComment(from), await aComment(to)]
    const vote = await aVote(a)
    const votes = dataSource.getRepository(Vote)
    const expected = [
      `Article:${from.id}`,
      `Article:${to.id}`,
      `Comment:${a.id}`,
      `Comment:${b.id}`,
      `Vote:${vote.id}`,
    ].toSorted()

    const loaded = await votes.findOneOrFail({
      where: { id: vote.id },
      relations: { comment: true },
    })
    loaded.comment = b
    expect(await sweptBy(() => votes.save(loaded))).to.deep.equal(expected)
    const bare = await votes.findOneByOrFail({ id: vote.id })
    bare.commentId = a.id
    expect(await sweptBy(() => votes.save(bare))).to.deep.equal(expected)
  })

  it('sweep the old parents of what is removed, soft-removed and recovered', async () => {
    const article = await anArticle()
    const comment = await aComment(article)
    const vote = await aVote(comment)
    const comments = dataSource.getRepository(Comment)
    const { id } = comment
    const both = [`Article:${article.id}`, `Comment:${id}`]

    expect(await sweptBy(() => comments.softRemove({ ...comment }))).to.deep.equal(both)
    expect(await sweptBy(() => comments.recover({ ...comment }))).to.deep.equal(both)
    const voteId = vote.id
    expect(await sweptBy(() => dataSource.getRepository(Vote).remove(vote))).to.deep.equal([
      ...both,
      `Vote:${voteId}`,
    ])
    expect(await sweptBy(() => comments.remove(comment))).to.deep.equal(both)
  })

  it('sweep what the database deletes along with a removed row', async () => {
    const article = await anArticle()
    const comment = await aComment(article)
    const vote = await aVote(comment)
    const expected = [`Article:${article.id}`, `Comment:${comment.id}`, `Vote:${vote.id}`]

    expect(await sweptBy(() => dataSource.getRepository(Article).delete(article.id))).to.deep.equal(
      expected,
    )
  })

  it('sweep children that are added to, moved through and taken out of an array', async () => {
    const articles = dataSource.getRepository(Article)
    const [a, b] = [await anArticle(), await anArticle()]
    const comment = await aComment(a)
    const load = (id: number): Promise<Article> =>
      articles.findOneOrFail({ where: { id }, relations: { comments: true } })

    const added = await load(a.id)
    const fresh = dataSource.getRepository(Comment).create({ text: 'new' })
    added.comments.push(fresh)
    const first = await sweptBy(() => articles.save(added))
    expect(first).to.include.members([`Article:${a.id}`, `Comment:${fresh.id}`])

    const moved = await load(b.id)
    moved.comments.push(comment)
    expect(await sweptBy(() => articles.save(moved))).to.include.members([
      `Article:${a.id}`,
      `Article:${b.id}`,
      `Comment:${comment.id}`,
    ])

    const emptied = await load(b.id)
    emptied.comments = []
    expect(await sweptBy(() => articles.save(emptied))).to.include.members([
      `Article:${b.id}`,
      `Comment:${comment.id}`,
    ])
  })

  it('sweep both ends of a many-to-many that is declared', async () => {
    const articles = dataSource.getRepository(Article)
    const article = await anArticle()
    const tag = await dataSource.getRepository(Tag).save({ slug: `t${article.id}` })
    const both = [`Article:${article.id}`, `Tag:${tag.id}`]

    article.tags = [tag]
    expect(await sweptBy(() => articles.save(article))).to.deep.equal(both)
    expect(
      await sweptBy(() => dataSource.getRepository(Tag).save({ id: tag.id, label: 'x' })),
    ).to.deep.equal(both)
    article.tags = []
    expect(await sweptBy(() => articles.save(article))).to.deep.equal(both)
  })

  it('sweep through the inverse side, by uuid keys and by a foreign key to another unique column', async () => {
    const users = dataSource.getRepository(User)
    const email = `${Math.random()}@example.org`
    const user = await users.save({ email })
    const article = await anArticle()
    const comment = await dataSource.getRepository(Comment).save({ article, author: user })
    const login = await dataSource.getRepository(Login).save({ user })
    const profile = await dataSource
      .getRepository(Profile)
      .save({ id: String(2 ** 40 + article.id), user })
    const cascade = [`Article:${article.id}`, `Comment:${comment.id}`, `User:${user.id}`]

    expect(await sweptBy(() => users.save({ id: user.id, name: 'n' }))).to.deep.equal(cascade)
    expect(
      await sweptBy(() => dataSource.getRepository(Login).save({ id: login.id, device: 'd' })),
    ).to.deep.equal([...cascade.slice(0, 2), `Login:${login.id}`, `User:${user.id}`])
    expect(
      await sweptBy(() => dataSource.getRepository(Profile).save({ id: profile.id, bio: 'b' })),
    ).to.include.members([`Profile:${profile.id}`, `User:${user.id}`])
  })

  it('sweep composite keys, single-table inheritance and circles', async () => {
    const number = Math.floor(Math.random() * 1e9)
    await dataSource.getRepository(Order).save({ tenant: 'a,b', number })
    const line = { tenant: 'a,b', number, position: 1 }
    expect(await sweptBy(() => dataSource.getRepository(Line).save(line))).to.deep.equal([
      `Line:a%2Cb,${number},1`,
      `Order:a%2Cb,${number}`,
    ])

    const article = await anArticle()
    const video = await dataSource.getRepository(Video).save({ title: 'v', article })
    expect(
      await sweptBy(() => dataSource.getRepository(Video).save({ id: video.id, title: 'w' })),
    ).to.deep.equal([`Article:${article.id}`, `Content:${video.id}`])

    const pages = dataSource.getRepository(Page)
    const [one, two] = [await pages.save({ title: '1' }), await pages.save({ title: '2' })]
    await pages.save({ id: one.id, parent: two })
    await pages.save({ id: two.id, parent: one })
    expect(await sweptBy(() => pages.save({ id: one.id, title: '3' }))).to.deep.equal(
      [`Page:${one.id}`, `Page:${two.id}`].toSorted(),
    )
  })

  it('sweep exactly what was committed, once', async () => {
    const article = await anArticle()
    const [kept, dropped] = [await aComment(article), await aComment(article)]
    const other = await anArticle()

    const swept = await sweptBy(() =>
      dataSource.transaction(async (outer) => {
        await outer.getRepository(Comment).save({ id: kept.id, text: 'kept' })
        await outer
          .transaction(async (inner) => {
            await inner.getRepository(Comment).save({ id: dropped.id, text: 'dropped' })
            throw new Error('inner')
          })
          .catch((error: unknown) => expect(error).to.have.property('message', 'inner'))
        await outer.transaction((inner) =>
          inner.getRepository(Article).save({ id: other.id, title: 'o' }),
        )
      }),
    )
    expect(swept).to.deep.equal(
      [`Article:${article.id}`, `Article:${other.id}`, `Comment:${kept.id}`].toSorted(),
    )
    expect(sweeps.count).to.equal(1)
  })

  it('sweep nothing when the outer transaction is rolled back', async () => {
    const comment = await aComment(await anArticle())
    const before = await sweeper.version(record(Comment, comment.id))

    const swept = await sweptBy(() =>
      dataSource
        .transaction(async (outer) => {
          await outer.transaction((inner) =>
            inner.getRepository(Comment).save({ id: comment.id, text: 'x' }),
          )
          throw new Error('outer')
        })
        .catch((error: unknown) => expect(error).to.have.property('message', 'outer')),
    )

    expect(swept).to.deep.equal([])
    expect(await sweeper.version(record(Comment, comment.id))).to.equal(before)
  })

  it('make a handful of queries for a thousand rows', async () => {
    const comment = await aComment(await anArticle())
    const queries = recordQueries(dataSource)
    const votes = await dataSource
      .getRepository(Vote)
      .save(Array.from({ length: 1000 }, () => ({ comment })))
    expect(queries.matching(/sweeper_row/)).to.have.length.below(6)

    sweeps.reset()
    queries.reset()
    await dataSource.getRepository(Vote).save(votes.map((vote) => ({ ...vote, value: 2 })))
    expect(queries.matching(/sweeper_row/)).to.have.length.below(6)
    expect(sweeps.records).to.include(`Comment:${comment.id}`)
  })
}
