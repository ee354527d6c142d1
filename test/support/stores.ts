import { StoreUnavailableError } from '../../src/core/errors'
import type { StoreOperation } from '../../src/store/guarded-store'
import type { Store } from '../../src/store/store'
import { AroundStore } from '../../src/testing/around-store'
import { randomFrom } from './random'

export { AroundStore } from '../../src/testing/around-store'
export {
  ForgettingStore,
  HangingStore,
  SlowStore,
  ThrowingStore,
} from '../../src/testing/fault-stores'

/** Counts the calls of every method: each is one round trip. */
export class CountingStore extends AroundStore {
  readonly calls: Record<StoreOperation, number> = {
    read: 0,
    mint: 0,
    write: 0,
    remove: 0,
    mark: 0,
    unmark: 0,
    sweep: 0,
  }

  get total(): number {
    return Object.values(this.calls).reduce((sum, count) => sum + count, 0)
  }

  reset(): void {
    for (const operation of Object.keys(this.calls)) this.calls[operation as StoreOperation] = 0
  }

  around<T>(operation: StoreOperation, call: () => Promise<T>): Promise<T> {
    this.calls[operation]++
    return call()
  }
}

/** Rejects calls at random, before or after the other store has done them. The seed decides which. */
export class FlakyStore extends AroundStore {
  /** From 0 to 1. */
  failureRate: number
  readonly #random: () => number

  constructor(store: Store, seed: number, failureRate = 0.3) {
    super(store)
    this.failureRate = failureRate
    this.#random = randomFrom(seed)
  }

  async around<T>(operation: StoreOperation, call: () => Promise<T>): Promise<T> {
    const fails = this.#random() < this.failureRate
    const replyIsLost = this.#random() < 0.5
    const failure = new StoreUnavailableError(this.name, operation, 'ECONNRESET')
    if (fails && !replyIsLost) throw failure
    const result = await call()
    if (fails) throw failure
    return result
  }
}
