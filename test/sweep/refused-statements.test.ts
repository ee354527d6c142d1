import { expect } from 'chai'
import type { DataSource } from 'typeorm'
import { MemoryStore, record, StoreUnavailableError, type Sweeper } from '../../src/index'
import { describeOnSqlite } from '../support/services'
import { AroundStore } from '../support/stores'
import { Article, Comment, Vote } from '../support/zoo'
import { zooSweeper } from '../support/zoo-sweeper'

/** Takes so many marks, then no more. */
class FewMarksStore extends AroundStore {
  left = Infinity

  async around<T>(operation: string, call: () => Promise<T>): Promise<T> {
    if (operation === 'mark' && this.left-- <= 0)
      throw new StoreUnavailableError(this.name, 'mark', 'ECONNRESET')
    return call()
  }
}

describeOnSqlite("a statement outside of transactions under onStoreError: 'throw'", (options) => {
  let store: FewMarksStore
  let dataSource: DataSource
  let sweeper: Sweeper
  let vote: Vote

  before(async () => {
    store = new FewMarksStore(new MemoryStore())
    const given = { store, namespace: 'refused', onStoreError: 'throw' } as const
    ;({ dataSource, sweeper } = await zooSweeper(options(), given))
    const article = await dataSource.manager.save(Article, { title: 'a' })
    const comment = await dataSource.manager.save(Comment, { text: 'c', article })
    vote = await dataSource.manager.save(dataSource.manager.create(Vote, { comment }))
  })
  after(() => dataSource.destroy())

  it('is not sent where its marks are not acknowledged, and leaves none behind', async () => {
    const on = record(Vote, vote.id)
    const read = () => sweeper.getOrSet({ on, key: 'vote', factory: () => 'made' })
    const misses: string[] = []
    sweeper.on('miss', ({ reason }) => misses.push(reason))
    await read()
    // Of the vote and its comment; not of its article, the next step.
    store.left = 1

    const refused = await dataSource.manager
      .update(Vote, vote.id, { value: 7 })
      .catch((error: unknown) => error)
    store.left = Infinity
    misses.length = 0
    await read()

    expect(refused).to.include({ code: 'SWEEPER_STORE_UNAVAILABLE' })
    expect(await dataSource.manager.findOneByOrFail(Vote, { id: vote.id })).to.include({ value: 1 })
    expect(misses).to.deep.equal([])
  })
})
