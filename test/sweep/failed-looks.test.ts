import { expect } from 'chai'
import type { DataSource } from 'typeorm'
import { record, type Sweeper, type TypeSweepEvent } from '../../src/index'
import { Article, Comment, Login, User, Vote } from '../support/zoo'
import { zooSweeper } from '../support/zoo-sweeper'
import { describeOnSqlite } from '../support/services'

/** What every look at rows is selected from. */
const LOOK = '"sweeper_row"'

describeOnSqlite('a look at the rows that fails', (options) => {
  let dataSource: DataSource
  let sweeper: Sweeper
  let failing = 0
  let failed: string[]
  let told: TypeSweepEvent[]
  let article: Article
  let comment: Comment

  before(async () => {
    ;({ dataSource, sweeper } = await zooSweeper(options()))
    sweeper.on('type-sweep', (event) => told.push(event))
    dataSource.subscribers.push({
      beforeQuery: ({ query }: { readonly query: string }) => {
        if (failing === 0 || !query.includes(LOOK)) return
        failing--
        failed.push(query)
        throw new TypeError('the look failed')
      },
    })
  })
  after(() => dataSource.destroy())
  beforeEach(async () => {
    article = await dataSource.manager.save(Article, { title: 'a' })
    comment = await dataSource.manager.save(Comment, { text: 'c', article })
    failed = []
    told = []
  })

  /** Whether this work moves the version of the article, though so many looks of it fail. */
  async function sweepsArticle(looks: number, work: () => Promise<unknown>): Promise<boolean> {
    const on = record(Article, article.id)
    const before = await sweeper.version(on)
    failing = looks
    await work()
    expect(failing).to.equal(0)
    return (await sweeper.version(on)) !== before
  }

  const reasons = (): readonly string[] => told.map(({ reason }) => reason)

  it('after the statement of a save() sweeps the whole type, and what it belongs to', async () => {
    const swept = await sweepsArticle(1, () =>
      dataSource.manager.save(Comment, { id: comment.id, text: 'new' }),
    )

    expect(swept).to.equal(true)
    expect(reasons()).to.deep.equal(['its rows could not be read (TypeError)'])
  })

  it('before the statement of a save() that moves a row sweeps where it was', async () => {
    const other = await dataSource.manager.save(Article, { title: 'b' })

    const swept = await sweepsArticle(1, () =>
      dataSource.manager.save(Comment, { id: comment.id, article: other }),
    )

    expect(swept).to.equal(true)
    expect(reasons()).to.deep.equal(['its rows could not be read (TypeError)'])
  })

  it('before an UPDATE leaves the statement as it is, and sweeps the whole type', async () => {
    const swept = await sweepsArticle(1, () =>
      dataSource.manager.update(Comment, comment.id, { text: 'new' }),
    )

    expect(swept).to.equal(true)
    expect(await dataSource.manager.findOneByOrFail(Comment, { id: comment.id })).to.include({
      text: 'new',
    })
    expect(reasons()).to.deep.equal(['its rows could not be read (TypeError)'])
  })

  it('after an INSERT sweeps the whole type', async () => {
    const user = await dataSource.manager.save(User, { email: 'ann@example.org' })
    const on = record(User, user.id)
    const before = await sweeper.version(on)
    failing = 1

    await dataSource.manager.insert(Login, { user })

    expect(failing).to.equal(0)
    expect(await sweeper.version(on)).not.to.equal(before)
    expect(reasons()).to.deep.equal(['its rows could not be read (TypeError)'])
  })

  it('at the next step of the cascade sweeps the whole type that it stopped at', async () => {
    const vote = { comment: { id: comment.id } }

    const swept = await sweepsArticle(1, () => dataSource.manager.save(Vote, vote))

    expect(swept).to.equal(true)
    expect(failed[0]).to.contain('zoo_comment')
    expect(told.map(({ type }) => type)).to.have.members(['Vote', 'Comment'])
  })
})
