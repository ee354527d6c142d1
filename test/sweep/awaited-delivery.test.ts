import { expect } from 'chai'
import { MemoryStore, StoreUnavailableError, type StoreOperation } from '../../src/index'
import { AroundStore } from '../support/stores'
import { describeOnSqlite } from '../support/services'
import { Article } from '../support/zoo'
import { zooSweeper } from '../support/zoo-sweeper'

const DELIVERY_MS = 900
/** The third attempt is the one that a timer makes while the writer waits. */
const SLOW_ATTEMPT = 3

/** Takes no sweep; one of the attempts it refuses late. */
class RefusingStore extends AroundStore {
  isRefusing = false
  #refused = 0

  async around<T>(operation: StoreOperation, call: () => Promise<T>): Promise<T> {
    if (!this.isRefusing || operation !== 'sweep') return call()
    this.#refused++
    if (this.#refused === SLOW_ATTEMPT)
      await new Promise((resolve) => {
        setTimeout(resolve, 200)
      })
    throw new StoreUnavailableError(this.name, operation, 'ECONNRESET')
  }
}

describeOnSqlite("a write that waits for its sweep under onStoreError: 'throw'", (options) => {
  it('waits as long as it may while attempts to send it are on their way, and says that it is pending', async () => {
    const store = new RefusingStore(new MemoryStore())
    const timeout = { delivery: DELIVERY_MS }
    const { dataSource, sweeper } = await zooSweeper(options(), {
      store,
      namespace: 'awaited',
      onStoreError: 'throw',
      timeout,
    })
    const pending: number[] = []
    sweeper.on('sweep-pending', ({ keys }) => pending.push(keys))
    store.isRefusing = true
    const startedMs = performance.now()

    await dataSource.manager.save(Article, { title: 'Tokens' })
    const tookMs = performance.now() - startedMs
    await dataSource.destroy()

    expect(pending).to.have.length(1)
    expect(pending[0]).to.be.greaterThan(0)
    expect(tookMs).to.be.at.least(DELIVERY_MS - 100)
  })
})
