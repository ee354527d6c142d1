import { expect } from 'chai'
import { type AppProcess, AppProcesses } from '../../support/app-processes'
import { holdCommit } from '../../support/held-queries'
import { record } from '../../../src/index'
import { describeWith } from '../../support/services'
import { Article, Comment, Tag, User } from '../../support/zoo'

/**
 * A comment moves from one article to another while someone votes on it. The names are those of docs/consistency.md.
 */
describeWith(['postgres', 'redis'], 'hazards of the cascade', (services) => {
  let processes: AppProcesses
  let voter: AppProcess
  let mover: AppProcess
  let reader: AppProcess
  let from: Article
  let to: Article
  let id: number

  beforeEach(async () => {
    processes = new AppProcesses(services)
    voter = await processes.start()
    mover = await processes.start()
    reader = await processes.start()
    from = await mover.anArticle()
    to = await mover.anArticle()
    id = (await mover.aComment(from)).id
  })
  afterEach(() => processes.stop())

  /** Moves the comment; before the mover can do more than its sweep somebody fills the new article's page. */
  async function moveAndRead(by: AppProcess): Promise<void> {
    const afterSweep = by.store.hold('mark', { skip: 1 })
    const moving = by.move(id, to)
    await afterSweep.reached
    await reader.untilVotesCached(to)
    afterSweep.release()
    await moving
  }

  for (const [order, moverFirst] of [
    ['the mover commits first', true],
    ['the voter commits first', false],
  ] as const) {
    it(`H11 parent changes during the cascade: ${order}`, async () => {
      const commits = [holdCommit(mover.dataSource), holdCommit(voter.dataSource)] as const
      const both = [mover.move(id, to), voter.vote(id)] as const
      await Promise.all(commits.map(({ reached }) => reached))

      const [first, second] = moverFirst ? ([0, 1] as const) : ([1, 0] as const)
      commits[first].release()
      await both[first]
      await reader.filled(reader.readVotes(to))
      await reader.filled(reader.readVotes(from))
      commits[second].release()
      await both[second]

      expect(await reader.readVotes(to)).to.equal(1)
      expect(await reader.readVotes(from)).to.equal(0)
    })
  }

  it('H11 parent changes during the cascade: after the link was read', async () => {
    const commit = holdCommit(voter.dataSource)
    const voting = voter.vote(id)
    await commit.reached

    await moveAndRead(mover)
    commit.release()
    await voting

    expect(await reader.readVotes(to)).to.equal(1)
    expect(await reader.untilVotesCached(to)).to.equal(1)
  })

  it('H11 parent changes during the cascade: nobody had cached the comment', async () => {
    const commit = holdCommit(voter.dataSource)
    const voting = voter.vote(id)
    await commit.reached
    const before = await processes.marksOn(id)

    await mover.move(id, to)
    const after = await processes.marksOn(id)
    commit.release()
    await voting

    // The trace by which the voter sees that the comment was written under its mark.
    expect(before?.token).to.equal('')
    expect(after?.token).not.to.equal('')
    expect(voter.sweeps.records).to.include(`Article:${to.id}`)
  })

  for (const [how, move] of [
    [
      'by a statement that names no rows',
      () =>
        mover.dataSource.query('UPDATE zoo_comment SET "articleId" = $1 WHERE id = $2', [
          to.id,
          id,
        ]),
    ],
    [
      'by an import that tells its types when it settles',
      () => mover.sweeper.withoutSweeping(() => mover.move(id, to)),
    ],
  ] as const)
    it(`H11 parent changes during the cascade: ${how}`, async () => {
      const commit = holdCommit(voter.dataSource)
      const voting = voter.vote(id)
      await commit.reached

      await move()
      const early = await reader.untilVotesCached(to)
      commit.release()
      await voting

      expect(early).to.equal(0)
      expect(await reader.readVotes(to)).to.equal(1)
    })

  it('H11 parent changes during the cascade: it got another child on the other side', async () => {
    const user = await mover.dataSource.getRepository(User).save({ name: 'old', email: 'u' })
    const authorOf = (): Promise<string | undefined> =>
      mover.sweeper.getOrSet({
        on: record(Comment, id),
        key: 'author',
        factory: async () => {
          const found = { where: { id }, relations: { author: true } }
          return (await mover.dataSource.getRepository(Comment).findOneOrFail(found)).author?.name
        },
      })
    const commit = holdCommit(voter.dataSource)
    const renaming = voter.dataSource.getRepository(User).save({ ...user, name: 'new' })
    await commit.reached

    await mover.dataSource.getRepository(Comment).save({ id, author: { id: user.id } })
    const early = await mover.filled(authorOf())
    commit.release()
    await renaming

    expect(early).to.equal('old')
    expect(await authorOf()).to.equal('new')
  })

  it('H11 parent changes during the cascade: it was linked many-to-many', async () => {
    const tag = await mover.dataSource.getRepository(Tag).save({ slug: 't', label: 'old' })
    const tagsOf = (): Promise<string[]> =>
      mover.sweeper.getOrSet({
        on: record(Article, to.id),
        key: 'tags',
        factory: async () => {
          const found = { where: { id: to.id }, relations: { tags: true } }
          const { tags } = await mover.dataSource.getRepository(Article).findOneOrFail(found)
          return tags.map(({ label }) => label)
        },
      })
    const commit = holdCommit(voter.dataSource)
    const renaming = voter.dataSource.getRepository(Tag).save({ id: tag.id, label: 'new' })
    await commit.reached

    await mover.dataSource.getRepository(Article).save({ id: to.id, tags: [{ id: tag.id }] })
    const early = await mover.filled(tagsOf())
    commit.release()
    await renaming

    expect(early).to.deep.equal(['old'])
    expect(await tagsOf()).to.deep.equal(['new'])
  })

  it('H11b parent changes during the cascade, and its writer dies', async () => {
    const short = { marks: { deadline: '1500ms' } } as const
    const dying = await processes.start(short)
    const shortMover = await processes.start(short)
    const commit = holdCommit(dying.dataSource)
    const voting = dying.vote(id)
    await commit.reached

    await moveAndRead(shortMover)
    dying.die()
    commit.release()
    await voting

    expect(await reader.untilVotesCached(to)).to.equal(1)
  })

  it('H12 stale link', async () => {
    await voter.vote(id)
    await mover.move(id, to)
    await reader.untilVotesCached(to)

    await voter.vote(id)

    expect(await reader.readVotes(to)).to.equal(2)
  })

  it('H24 old snapshot: of the link', async () => {
    await voter.dataSource.transaction('REPEATABLE READ', async (manager) => {
      await manager.query('SELECT 1')
      await mover.move(id, to)
      await reader.untilVotesCached(to)
      await voter.vote(id, manager)
    })

    expect(await reader.readVotes(to)).to.equal(1)
  })
})
