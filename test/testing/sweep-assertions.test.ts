import { AssertionError, expect, use } from 'chai'
import { record } from '../../src/index'
import {
  recordSweeps,
  sweepAssertions,
  sweeperThatIsOff,
  sweepMatchers,
  type SweepRecorder,
} from '../../src/testing'
import { sqljs } from '../support/services'
import { Article, Comment, User, Vote, ZOO } from '../support/zoo'
import { zooSweeper, type ZooSweeper } from '../support/zoo-sweeper'
import { DataSource } from 'typeorm'

use(sweepAssertions)

describe('recordSweeps()', () => {
  let zoo: ZooSweeper
  let sweeps: SweepRecorder
  let article: Article
  let comment: Comment

  beforeEach(async () => {
    zoo = await zooSweeper(sqljs())
    const { manager } = zoo.dataSource
    article = await manager.save(manager.create(Article, { title: 'Tokens' }))
    comment = await manager.save(manager.create(Comment, { text: 'Nice.', article }))
    sweeps = recordSweeps(zoo.sweeper)
  })

  afterEach(() => zoo.dataSource.destroy())

  const change = (): Promise<unknown> =>
    zoo.dataSource.getRepository(Comment).update(comment.id, { text: 'Very nice.' })

  const failureOf = (assertion: () => unknown): string => {
    try {
      assertion()
    } catch (error) {
      if (error instanceof AssertionError) return error.message
      throw error
    }
    throw new Error('the assertion held')
  }

  it('has what a write has swept when the write has resolved', async () => {
    await change()

    expect(sweeps.count).to.equal(1)
    expect(sweeps.records).to.deep.equal([`Article:${article.id}`, `Comment:${comment.id}`])
    expect(sweeps.has(record(Comment, comment.id))).to.equal(true)
    expect(sweeps.has(Comment)).to.equal(true)
    expect(sweeps.has(Vote)).to.equal(false)
  })

  it('has every record of a type that was swept as a whole', async () => {
    await zoo.sweeper.sweep(Comment)

    expect(sweeps.has(record(Comment, 4711))).to.equal(true)
    expect(sweeps.types).to.deep.equal(['Comment'])
  })

  it('forgets on reset, and hears no more after stop', async () => {
    await change()
    sweeps.reset()
    expect(sweeps.count).to.equal(0)

    sweeps.stop()
    await change()
    expect(sweeps.count).to.equal(0)
  })

  describe('in Chai', () => {
    it('tells what was swept, and what was not', async () => {
      await change()

      expect(sweeps).to.have.swept(comment, article)
      expect(sweeps).to.have.swept(record(Comment, comment.id))
      expect(sweeps).not.to.have.swept(record(Article, 4711), User)
    })

    it('names what is missing, and why the rest was swept', async () => {
      await change()

      expect(failureOf(() => expect(sweeps).to.have.swept(comment, [Article, 4711]))).to.equal(
        `expected Article:4711 to have been swept; swept was Comment:${comment.id} (update), Article:${article.id} (update of Comment:${comment.id})`,
      )
    })

    it('fails a negated assertion if any of its subjects was swept', async () => {
      await change()

      expect(failureOf(() => expect(sweeps).not.to.have.swept([Article, 4711], article))).to.match(
        new RegExp(`^expected Article:${article.id} not to have been swept; swept was `),
      )
    })

    it('has an exact form, which knows nothing, too much and too little', async () => {
      expect(sweeps).to.have.sweptExactly()
      await change()

      expect(sweeps).to.have.sweptExactly(article, comment)
      expect(failureOf(() => expect(sweeps).to.have.sweptExactly(comment))).to.contain(
        `exactly Comment:${comment.id} to have been swept; beyond it Article:${article.id}`,
      )
      expect(
        failureOf(() => expect(sweeps).to.have.sweptExactly(comment, article, [Vote, 1])),
      ).to.contain('without Vote:1')
      expect(failureOf(() => expect(sweeps).not.to.have.sweptExactly(comment, article))).to.contain(
        'it was',
      )
    })

    it('refuses to hold for nothing, and what is no recording', () => {
      expect(() => expect(sweeps).to.have.swept()).to.throw(/no subject is given/)
      expect(() => expect([]).to.have.swept(comment)).to.throw(/no recording/)
    })
  })

  describe('in Jest and Vitest', () => {
    it('passes as the assertions of Chai do', async () => {
      await change()
      const { toHaveSwept, toHaveSweptExactly } = sweepMatchers
      const plain = { isNot: false }

      expect(toHaveSwept.call(plain, sweeps, comment, article).pass).to.equal(true)
      expect(toHaveSwept.call(plain, sweeps, [Article, 4711]).pass).to.equal(false)
      expect(toHaveSweptExactly.call(plain, sweeps, comment, article).pass).to.equal(true)
      expect(toHaveSweptExactly.call(plain, sweeps, comment).pass).to.equal(false)
    })

    it('answers not.toHaveSwept with "pass" as soon as one was swept: that makes it fail', async () => {
      await change()
      const negated = { isNot: true }

      const mixed = sweepMatchers.toHaveSwept.call(negated, sweeps, [Article, 4711], article)

      expect(mixed.pass).to.equal(true)
      expect(mixed.message()).to.contain(`expected Article:${article.id} not to have been swept`)
      expect(sweepMatchers.toHaveSwept.call(negated, sweeps, [Article, 4711]).pass).to.equal(false)
    })
  })
})

describe('sweeperThatIsOff()', () => {
  it('loads on every read and sweeps nothing', async () => {
    const dataSource = new DataSource({ ...sqljs(), entities: ZOO, synchronize: true })
    const sweeper = sweeperThatIsOff(dataSource)
    await dataSource.initialize()
    const sweeps = recordSweeps(sweeper)
    let loads = 0
    const read = (): Promise<number> =>
      sweeper.getOrSet({ on: Article, key: 'count', factory: () => ++loads })

    await dataSource.getRepository(Article).save({ title: 'Tokens' })

    expect([await read(), await read()]).to.deep.equal([1, 2])
    expect(sweeps).to.have.sweptExactly()
    await dataSource.destroy()
  })
})
