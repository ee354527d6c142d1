import { expect } from 'chai'
import { type AppProcess, AppProcesses } from '../../support/app-processes'
import { holdCommit, holdQuery } from '../../support/held-queries'
import { gate } from '../../support/hold'
import { describeWith } from '../../support/services'
import { until } from '../../support/services-process'
import { Article, Comment } from '../../support/zoo'

const SHORT = { marks: { deadline: '200ms' } } as const

/** Writers that die between COMMIT and sweep, and others beside them. The names are those of docs/consistency.md. */
describeWith(['postgres', 'redis'], 'hazards of dying writers', (services) => {
  let processes: AppProcesses
  let reader: AppProcess

  beforeEach(async () => {
    processes = new AppProcesses(services)
    reader = await processes.start()
  })
  afterEach(() => processes.stop())

  /** The time, on the server, when the last mark on a comment ends. */
  async function endOfMarks(id: number): Promise<number> {
    const { owners = [] } = (await processes.marksOn(id)) ?? {}
    return Math.max(0, ...owners.map(({ deadlineMs }) => deadlineMs))
  }

  /** One whose marks stand and whose statement can fail: then it is rolled back, and nobody is in doubt about it. */
  async function aVoteUnderWay(app: AppProcess, id: number) {
    const mark = app.store.hold('mark', { when: 'after' })
    const statement = holdQuery(app.dataSource, 'INSERT', { when: 'after' })
    const voting = app.vote(id).catch((error: unknown) => error)
    await Promise.all([mark.reached, statement.reached])
    mark.release()
    return { voting, statement }
  }

  it('H7 crash between COMMIT and sweep', async () => {
    const dying = await processes.start(SHORT)
    const { id } = await reader.aComment()
    await reader.untilCached(id)

    dying.die()
    await dying.writeText(id, 'y')

    // While the mark stands nothing is served, and what is loaded is not kept; then the old token is over.
    expect(await reader.cachedText(id)).to.equal(undefined)
    expect(await reader.readText(id)).to.equal('y')
    expect(await reader.untilCached(id)).to.equal('y')
  })

  it('H7 crash between COMMIT and sweep: marks of a save travel while its statement runs', async () => {
    const writer = await processes.start()
    const { id } = await reader.aComment()
    const article = await reader.anArticle()
    const { dataSource, store } = writer

    for (const [sql, write] of [
      ['INSERT INTO "zoo_vote"', () => writer.vote(id)],
      [
        'UPDATE "zoo_article"',
        () => dataSource.manager.save(Article, { id: article.id, title: 'y' }),
      ],
    ] as const) {
      const mark = store.hold('mark')
      const statement = holdQuery(dataSource, sql, { when: 'after' })
      const writing = write()
      await Promise.all([mark.reached, statement.reached])
      const commit = holdCommit(dataSource)
      statement.release()
      mark.release()
      await commit.reached
      commit.release()
      await writing
    }
    expect(await processes.marksOn(id)).to.equal(undefined)
  })

  it('H7 crash between COMMIT and sweep: in a transaction of the user nothing is marked before its end', async () => {
    const writer = await processes.start()
    const { id } = await reader.aComment()
    const mark = writer.store.hold('mark')
    const statement = holdQuery(writer.dataSource, 'INSERT', { when: 'after' })

    const voting = writer.dataSource.transaction((manager) => writer.vote(id, manager))
    const first = await Promise.race([
      mark.reached.then(() => 'mark'),
      statement.reached.then(() => 'statement'),
    ])
    statement.release()
    await mark.reached
    mark.release()
    await voting

    expect(first).to.equal('statement')
  })

  it('H7 crash between COMMIT and sweep: a save that fails leaves no early marks behind', async () => {
    const writer = await processes.start()
    const { id } = await reader.aComment()
    const statement = holdQuery(writer.dataSource, 'INSERT', { when: 'after' })

    const voting = writer.vote(id).catch((error: unknown) => error)
    await until('a mark', 5000, async () => (await processes.marksOn(id)) !== undefined)
    statement.fail(new Error('lost'))

    expect(await voting).to.have.property('message', 'lost')
    expect(await processes.marksOn(id)).to.equal(undefined)
  })

  it('H7 crash between COMMIT and sweep: early marks go where the type is swept instead', async () => {
    const writer = await processes.start()
    const articles = writer.dataSource.getRepository(Article)
    const saved = await articles.save(Array.from({ length: 1001 }, () => ({ title: 'x' })))

    await articles.save(saved.map(({ id }) => ({ id, title: 'y' })))

    expect(writer.sweeps.types).to.include('Article')
    const keys = await processes.keys('t')
    const values = await Promise.all(keys.map((key) => processes.client.get(key)))
    expect(values.filter((value) => value?.startsWith('!'))).to.deep.equal([])
  })

  it('H8 two writers, one record', async () => {
    const living = await processes.start()
    // Long enough to stand until its writer's COMMIT, on a busy machine too.
    const dying = await processes.start({ marks: { deadline: '1500ms' } })
    const { id } = await reader.aComment()
    await reader.untilCached(id)
    const sweep = living.store.hold('sweep')
    const first = living.writeText(id, 'y1')
    await sweep.reached
    const commit = holdCommit(dying.dataSource)
    const second = dying.writeText(id, 'y2')
    await commit.reached

    sweep.release()
    await first
    const between = await reader.filled(reader.readText(id))
    dying.die()
    commit.release()
    await second

    expect(between).to.equal('y1')
    expect(await reader.untilCached(id)).to.equal('y2')
  })

  it('H8b expired owner dropped', async () => {
    const dying = await processes.start(SHORT)
    const other = await processes.start()
    const { id } = await reader.aComment()
    await reader.untilCached(id)
    const { voting, statement } = await aVoteUnderWay(other, id)

    dying.die()
    await dying.writeText(id, 'y')
    const owners = (await processes.marksOn(id))?.owners ?? []
    await processes.untilServerTime(Math.min(...owners.map(({ deadlineMs }) => deadlineMs)))
    statement.fail(new Error('rolled back'))
    const outcome = await voting

    expect(outcome).to.have.property('message', 'rolled back')
    expect(owners).to.have.length(2)
    expect(await processes.marksOn(id)).to.equal(undefined)
    expect(await reader.readText(id)).to.equal('y')
  })

  it('H8b expired owner dropped: by a later mark', async () => {
    const dying = await processes.start(SHORT)
    const first = await processes.start()
    const later = await processes.start()
    const { id } = await reader.aComment()
    await reader.untilCached(id)
    const firstVote = await aVoteUnderWay(first, id)

    dying.die()
    await dying.writeText(id, 'y')
    const owners = (await processes.marksOn(id))?.owners ?? []
    await processes.untilServerTime(Math.min(...owners.map(({ deadlineMs }) => deadlineMs)))
    const laterVote = await aVoteUnderWay(later, id)
    for (const { statement } of [laterVote, firstVote]) statement.fail(new Error('rolled back'))
    await Promise.all([firstVote.voting, laterVote.voting])

    expect(await processes.marksOn(id)).to.equal(undefined)
    expect(await reader.readText(id)).to.equal('y')
  })

  it('H8c mark shorter than COMMIT', async () => {
    const writer = await processes.start({ marks: { deadline: '400ms' } })
    const article = await reader.anArticle()
    const { id } = await reader.aComment(article)
    // The vote's comment is marked; the look at what the comment belongs to takes long.
    const comment = writer.store.hold('mark', { when: 'after' })
    const commit = holdCommit(writer.dataSource)
    const voting = writer.vote(id)
    await comment.reached
    const first = await endOfMarks(id)
    await processes.untilServerTime(first - 150)
    comment.release()
    await commit.reached
    const atCommit = await endOfMarks(id)
    commit.release()
    await voting

    expect(first).to.be.greaterThan(0)
    expect(atCommit).to.be.greaterThan(first)
  })

  it('H8d hot record always marked', async function () {
    this.timeout(30_000)
    const WRITERS = 40
    const crowd = await processes.start({ marks: { deadline: '2s' } }, { extra: { max: WRITERS } })
    const article = await reader.anArticle()
    const { id } = await reader.aComment(article)
    await reader.untilVotesCached(article)
    const go = gate()
    const commits = holdCommit(crowd.dataSource, WRITERS)
    const voting = Array.from({ length: WRITERS }, () => crowd.vote(id))
    await until('all at their COMMIT', 10_000, () => commits.count === WRITERS)

    const named = (await processes.marksOn(id))?.owners ?? []
    let loads = 0
    const readers = Array.from({ length: 50 }, () =>
      reader.readText(id, async () => {
        loads++
        await go.passed
        return reader.loadText(id)
      }),
    )
    await until('the load', 5_000, () => loads > 0)
    go.open()
    await Promise.all(readers)
    commits.release()
    await Promise.all(voting)

    expect(named).to.have.length(33)
    expect(named.at(-1)?.name).to.equal('*')
    // Those who came while the first load ran share the next one (H26d).
    expect(loads).to.equal(2)
    expect(await reader.readVotes(article)).to.equal(WRITERS)
    expect(await reader.untilVotesCached(article)).to.equal(WRITERS)
  })

  it('H8e autocommit statements: marked before', async () => {
    const dying = await processes.start(SHORT)
    const { id } = await reader.aComment()
    await reader.untilCached(id)

    dying.die()
    await dying.dataSource.getRepository(Comment).update({ text: 'x' }, { text: 'y' })

    expect(await reader.untilCached(id)).to.equal('y')
  })

  it('H8e autocommit statements: rows first', async () => {
    const writer = await processes.start()
    const from = await reader.anArticle()
    const to = await reader.anArticle()
    const { id } = await reader.aComment(from)
    await writer.vote(id)
    await reader.untilVotesCached(from)
    await reader.untilVotesCached(to)

    // After the statement the WHERE finds nothing, and the row does not tell where it was.
    await writer.dataSource
      .getRepository(Comment)
      .update({ article: { id: from.id } }, { article: { id: to.id } })

    expect(await reader.readVotes(from)).to.equal(0)
    expect(await reader.readVotes(to)).to.equal(1)
  })
})
