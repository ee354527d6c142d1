import { expect } from 'chai'
import type { EntityManager, EntitySubscriberInterface } from 'typeorm'
import { record, type Store, type SweepEvent } from '../../src/index'
import { RedisStore } from '../../src/redis'
import { describeWith } from '../support/services'
import { Article, Comment, Vote } from '../support/zoo'
import { zooSweeper, type ZooSweeper } from '../support/zoo-sweeper'

/**
 * Two processes, each with its own DataSource, store and connection, stepped through the orders of events by which
 * caches go stale. The names are those of docs/consistency.md.
 */
describeWith(['postgres', 'redis'], 'hazards', ({ postgres, redis }) => {
  let one: ZooSweeper
  let other: ZooSweeper
  let dying: DyingStore

  beforeEach(async () => {
    const namespace = `${redis.namespace}-${Math.random().toString(36).slice(2)}`
    dying = new DyingStore(new RedisStore(redis.connect()))
    const marks = { deadline: '300ms' } as const
    one = await zooSweeper(postgres.options, { store: dying, namespace, marks })
    const store = new RedisStore(redis.connect())
    other = await zooSweeper(postgres.options, { store, namespace, marks })
  })
  afterEach(() => Promise.all([one.dataSource.destroy(), other.dataSource.destroy()]))

  async function aThread(): Promise<{ article: Article; comment: Comment }> {
    const article = await one.dataSource.getRepository(Article).save({ title: 'x' })
    const comment = await one.dataSource.getRepository(Comment).save({ text: 'x', article })
    return { article, comment }
  }

  const textIn =
    ({ dataSource }: ZooSweeper, id: number) =>
    async (): Promise<string> =>
      (await dataSource.getRepository(Comment).findOneByOrFail({ id })).text

  function textThrough(zoo: ZooSweeper, id: number, load = textIn(zoo, id)): Promise<string> {
    return zoo.sweeper.getOrSet({ on: record(Comment, id), key: 'text', factory: load })
  }

  async function cached(zoo: ZooSweeper, id: number): Promise<unknown> {
    return zoo.sweeper.get({ on: record(Comment, id), key: 'text' })
  }

  const write = ({ dataSource }: ZooSweeper, id: number, text: string): Promise<unknown> =>
    dataSource.getRepository(Comment).save({ id, text })

  it('H3 late fill', async () => {
    const { comment } = await aThread()
    const loaded = gate()
    const stored = gate()

    const reading = textThrough(one, comment.id, async () => {
      const text = await textIn(one, comment.id)()
      loaded.open()
      await stored.passed
      return text
    })
    await loaded.passed
    await write(other, comment.id, 'y')
    stored.open()

    expect(await reading).to.equal('x')
    expect(await textThrough(other, comment.id)).to.equal('y')
    expect(await textThrough(one, comment.id)).to.equal('y')
  })

  it('H4 entity in the hand', async () => {
    const { comment } = await aThread()
    const old = await one.dataSource.getRepository(Comment).findOneByOrFail({ id: comment.id })
    await write(other, comment.id, 'y')

    const rendered = await one.sweeper.getOrSet({ on: old, key: 'text', factory: () => old.text })

    expect(rendered).to.equal('x')
    expect(await textThrough(other, comment.id)).to.equal('y')
  })

  it('H7 crash between COMMIT and sweep', async () => {
    const { comment } = await aThread()
    await until(
      async () => (await textThrough(other, comment.id)) === (await cached(other, comment.id)),
    )
    dying.isDead = true

    await write(one, comment.id, 'y')

    // The mark stands: nobody serves what was there, and what is loaded is not kept.
    expect(await cached(other, comment.id)).to.equal(undefined)
    expect(await textThrough(other, comment.id)).to.equal('y')
    // It ends, and the old token with it.
    await until(
      async () => (await textThrough(other, comment.id)) === (await cached(other, comment.id)),
    )
    expect(await cached(other, comment.id)).to.equal('y')
  })

  for (const [order, moverFirst] of [
    ['the mover commits first', true],
    ['the voter commits first', false],
  ] as const) {
    it(`H11 parent changes during the cascade: ${order}`, async () => {
      const { article, comment } = await aThread()
      const target = await one.dataSource.getRepository(Article).save({ title: 'target' })
      const votesOf = ({ sweeper, dataSource }: ZooSweeper, id: number): Promise<number> =>
        sweeper.getOrSet({
          on: record(Article, id),
          key: 'votes',
          factory: () => dataSource.getRepository(Vote).countBy({ comment: { article: { id } } }),
        })
      const [voted, moved] = [gate(), gate()]
      const [commitVote, commitMove] = [gate(), gate()]

      const voting = one.dataSource.transaction(async (manager: EntityManager) => {
        await manager.save(Vote, { comment: { id: comment.id } })
        voted.open()
        await commitVote.passed
      })
      const moving = other.dataSource.transaction(async (manager: EntityManager) => {
        await manager.save(Comment, { id: comment.id, article: { id: target.id } })
        moved.open()
        await commitMove.passed
      })
      await Promise.all([voted.passed, moved.passed])
      const [first, second] = moverFirst ? [commitMove, commitVote] : [commitVote, commitMove]
      const [doneFirst, doneSecond] = moverFirst ? [moving, voting] : [voting, moving]
      first.open()
      await doneFirst
      await votesOf(other, target.id)
      await votesOf(other, article.id)
      second.open()
      await doneSecond

      expect(await votesOf(other, target.id)).to.equal(1)
      expect(await votesOf(other, article.id)).to.equal(0)
    })
  }

  it('H11 parent changes between the look at it and COMMIT', async () => {
    const { comment } = await aThread()
    const target = await one.dataSource.getRepository(Article).save({ title: 'target' })
    const swept: SweepEvent[] = []
    one.sweeper.on('sweep', (event) => swept.push(event))
    // The voter has marked and read the link; its COMMIT is held while the comment moves.
    const held = gate()
    const goOn = gate()
    dying.beforeLastMark = async () => {
      held.open()
      await goOn.passed
    }

    const voting = one.dataSource.getRepository(Vote).save({ comment: { id: comment.id } })
    await held.passed
    await other.dataSource
      .getRepository(Comment)
      .save({ id: comment.id, article: { id: target.id } })
    goOn.open()
    await voting

    expect(swept.flatMap(({ records }) => records)).to.include(`Article:${target.id}`)
  })

  it('H9b another subscriber throws first', async () => {
    const { comment } = await aThread()
    await until(
      async () => (await textThrough(one, comment.id)) === (await cached(one, comment.id)),
    )
    const thrower: EntitySubscriberInterface = {
      afterTransactionCommit: () => {
        throw new Error('not ours')
      },
    }
    one.dataSource.subscribers.push(thrower)

    const outcome = await write(one, comment.id, 'y').catch((error: unknown) => error)

    expect(outcome).to.have.property('message', 'not ours')
    expect(await textThrough(other, comment.id)).to.equal('y')
  })

  it('H26b joining an older flight', async () => {
    const { comment } = await aThread()
    const loaded = gate()
    const goOn = gate()
    const early = textThrough(one, comment.id, async () => {
      const text = await textIn(one, comment.id)()
      loaded.open()
      await goOn.passed
      return text
    })
    await loaded.passed

    await write(one, comment.id, 'y')
    const late = textThrough(one, comment.id)

    expect(await late).to.equal('y')
    goOn.open()
    expect(await early).to.equal('x')
  })
})

interface Gate {
  readonly passed: Promise<void>
  open(): void
}

function gate(): Gate {
  let open: () => void = () => undefined
  const passed = new Promise<void>((resolve) => {
    open = resolve
  })
  return { passed, open: () => open() }
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 300; tries++) {
    if (await condition()) return
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  throw new Error('it did not become true within three seconds')
}

/** A store whose process dies after COMMIT on command: its sweeps go nowhere. It can also hold a writer before COMMIT. */
class DyingStore implements Store {
  readonly name = 'dying'
  isDead = false
  beforeLastMark: (() => Promise<void>) | undefined
  readonly #store: Store
  #marks = 0

  constructor(store: Store) {
    this.#store = store
  }

  read: Store['read'] = (...args) => this.#store.read(...args)
  mint: Store['mint'] = (...args) => this.#store.mint(...args)
  write: Store['write'] = (...args) => this.#store.write(...args)
  remove: Store['remove'] = (...args) => this.#store.remove(...args)
  unmark: Store['unmark'] = (...args) => this.#store.unmark(...args)
  clock: Store['clock'] = () => this.#store.clock()
  close: Store['close'] = () => this.#store.close()

  mark: Store['mark'] = async (...args) => {
    const found = await this.#store.mark(...args)
    // A vote's cascade marks twice: its comment, then, the link read, its article.
    if (this.beforeLastMark !== undefined && ++this.#marks === 2) await this.beforeLastMark()
    return found
  }

  sweep: Store['sweep'] = (sweeps, owner) =>
    this.isDead ? Promise.resolve(sweeps.map(() => undefined)) : this.#store.sweep(sweeps, owner)
}
