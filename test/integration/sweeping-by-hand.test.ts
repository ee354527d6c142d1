import { expect } from 'chai'
import { children, record, type BulkProgressEvent, type OnSubject } from '../../src/index'
import { describeOnEachDatabase, exactly } from '../support/zoo-writes'
import { Article, Comment, User, Vote } from '../support/zoo'

describeOnEachDatabase('sweep()', (zoo) => {
  it('sweeps a record and what it belongs to, or the record alone', async () => {
    const article = await zoo().article()
    const comment = await zoo().comment(article)
    const { sweeper } = zoo()

    expect(await zoo().sweptBy(() => sweeper.sweep(comment))).to.deep.equal(
      exactly(article, comment),
    )
    expect(
      await zoo().sweptBy(() => sweeper.sweep([record(Comment, comment.id)], { cascade: false })),
    ).to.deep.equal(exactly(comment))
    expect(await zoo().sweptBy(() => sweeper.sweep(Comment))).to.deep.equal({
      records: [],
      types: ['Comment'],
    })
  })

  it('sweeps the list of the children of a record, and not the record', async () => {
    const article = await zoo().article()
    const { sweeper } = zoo()
    const list = children(Article, article.id, 'comments')
    const versions = () =>
      Promise.all([sweeper.version(list), sweeper.version(record(Article, article.id))])
    const before = await versions()

    await sweeper.sweep(list)

    const after = await versions()
    expect(after[0]).not.to.equal(before[0])
    expect(after[1]).to.equal(before[1])
  })

  it('waits for the commit of the transaction it is given, and for its savepoints', async () => {
    const [kept, dropped] = [await zoo().comment(), await zoo().comment()]
    let early = -1

    const swept = await zoo().sweptBy(() =>
      zoo().dataSource.transaction(async (manager) => {
        await zoo().sweeper.sweep(kept, { manager })
        await manager
          .transaction(async (inner) => {
            await zoo().sweeper.sweep(dropped, { manager: inner })
            throw new Error('rolled back')
          })
          .catch((error: unknown) => expect(error).to.have.property('message', 'rolled back'))
        early = zoo().sweeps.count
      }),
    )

    expect(early).to.equal(0)
    expect(swept).to.deep.equal(exactly(kept))
  })
})

describeOnEachDatabase('withoutSweeping()', (zoo) => {
  /** Which of these have another version afterwards. */
  async function movedBy(
    subjects: Readonly<Record<string, OnSubject>>,
    work: () => Promise<unknown>,
  ): Promise<readonly string[]> {
    const names = Object.keys(subjects)
    const versions = () =>
      Promise.all(names.map((name) => zoo().sweeper.version(subjects[name] ?? [])))
    const before = await versions()
    await work()
    const after = await versions()
    return names.filter((_, index) => before[index] !== after[index])
  }

  it('sweeps the types that were written, and their ancestors, once and at the end', async () => {
    const article = await zoo().article()
    const comment = await zoo().comment(article)
    const user = await zoo().user()
    const inside: string[] = []

    const moved = await movedBy({ article, comment, user, Vote }, async () => {
      await zoo().sweeper.withoutSweeping(async () => {
        inside.push(
          ...(await movedBy({ article, comment, user }, async () => {
            await zoo().manager.update(Comment, comment.id, { text: 'x' })
            await zoo().manager.save(zoo().manager.create(Vote, { comment }))
            await zoo().dataSource.query('UPDATE zoo_vote SET value = 3 WHERE id < 0')
          })),
        )
      })
    })

    expect(inside).to.deep.equal([])
    expect(moved).to.deep.equal(['article', 'comment', 'Vote'])
  })

  it('tells at the end what was written, after it was swept', async () => {
    const [comment, user] = [await zoo().comment(), await zoo().user()]
    const told: BulkProgressEvent[] = []
    const before = await zoo().sweeper.version(comment)
    const after: Promise<string>[] = []
    const silence = zoo().sweeper.on('bulk-progress', (event) => {
      told.push(event)
      after.push(zoo().sweeper.version(comment))
    })

    await zoo().sweeper.withoutSweeping(async () => {
      await zoo().manager.insert(Vote, [{ comment }, { comment }, {}])
      await zoo().manager.update(User, user.id, { name: 'x' })
      await zoo().manager.update(User, { email: 'nobody' }, { name: 'x' })
      await zoo().dataSource.query('UPDATE zoo_vote SET value = 3 WHERE id < 0')
    })
    await zoo().sweeper.withoutSweeping(() => zoo().manager.find(Vote))
    silence()

    const [event] = told
    expect(told).to.have.length(1)
    expect(event?.types).to.deep.equal(['User', 'Vote'])
    expect([event?.statements, event?.rows, event?.done]).to.deep.equal([4, 4, true])
    expect(event?.elapsedMs).to.be.above(0)
    expect(await after[0]).not.to.equal(before)
  })

  it('sweeps when the work throws, and lets the error through', async () => {
    const comment = await zoo().comment()
    let message = ''

    const moved = await movedBy({ comment }, async () => {
      const importing = zoo().sweeper.withoutSweeping(async () => {
        await zoo().manager.update(Comment, comment.id, { text: 'x' })
        throw new Error('half way')
      })
      await importing.catch((error: unknown) => {
        message = error instanceof Error ? error.message : ''
      })
    })

    expect([message, moved]).to.deep.equal(['half way', ['comment']])
  })

  it('sweeps nothing at all with { sweep: false }, also inside another one', async () => {
    const [comment, user] = [await zoo().comment(), await zoo().user()]
    const silently = (work: () => Promise<unknown>) =>
      zoo().sweeper.withoutSweeping(work, { sweep: false })

    const alone = await movedBy({ comment }, () =>
      silently(() => zoo().manager.update(Comment, comment.id, { text: 'x' })),
    )
    const nested = await movedBy({ comment, user }, () =>
      zoo().sweeper.withoutSweeping(async () => {
        await silently(() => zoo().manager.update(Comment, comment.id, { text: 'y' }))
        await zoo().manager.update(User, user.id, { name: 'y' })
      }),
    )

    expect(alone).to.deep.equal([])
    // A user's type leads to the comments'.
    expect(nested).to.deep.equal(['comment', 'user'])
  })

  it('sweeps with the commit where the transaction goes on after it', async () => {
    const article = await zoo().article()
    const during: string[] = []

    const moved = await movedBy({ article }, () =>
      zoo().dataSource.transaction(async (manager) => {
        await zoo().sweeper.withoutSweeping(() =>
          manager.update(Article, article.id, { title: 'x' }),
        )
        during.push(...zoo().sweeps.types)
        zoo().sweeps.reset()
      }),
    )

    expect(moved).to.deep.equal(['article'])
    expect(zoo().sweeps.types).to.deep.equal(['Article'])
  })

  it('concerns no writes of others at the same time', async () => {
    const [comment, other] = [await zoo().comment(), await zoo().comment()]
    let release = (): void => undefined
    const held = new Promise<void>((resolve) => {
      release = resolve
    })
    const importing = zoo().sweeper.withoutSweeping(() => held)

    const swept = await zoo().sweptBy(() => zoo().manager.update(Comment, other.id, { text: 'x' }))
    release()
    await importing

    expect(swept).to.deep.equal(exactly(other))
    expect(comment.id).not.to.equal(other.id)
  })
})
