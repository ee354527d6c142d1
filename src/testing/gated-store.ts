import type { StoreOperation } from '../index'
import { Hold } from './hold'
import { AroundStore } from './around-store'

interface Held {
  readonly operation: StoreOperation
  readonly when: 'before' | 'after'
  readonly hold: Hold
  skip: number
}

/** Holds single calls of a test's choosing: on their way to the other store, or their answers on the way back. */
export class GatedStore extends AroundStore {
  readonly #held = new Set<Held>()
  readonly #running = new Set<Promise<unknown>>()

  /**
   * Holds the next call of an operation until the test lets it go on.
   *
   * @param skip how many calls of this operation pass before the one that is held
   */
  hold(
    operation: StoreOperation,
    { when = 'before', skip = 0 }: { when?: 'before' | 'after'; skip?: number } = {},
  ): Hold {
    const hold = new Hold()
    this.#held.add({ operation, when, hold, skip })
    return hold
  }

  /** Resolves when no call is on its way, those that nobody waits for included. */
  async idle(): Promise<void> {
    while (this.#running.size > 0) await Promise.allSettled(this.#running)
  }

  async around<T>(operation: StoreOperation, call: () => Promise<T>): Promise<T> {
    const held = this.#heldNow(operation)
    const running = this.#run(held, call)
    this.#running.add(running)
    try {
      return await running
    } finally {
      this.#running.delete(running)
    }
  }

  async #run<T>(held: Held | undefined, call: () => Promise<T>): Promise<T> {
    if (held?.when === 'before') await held.hold.here()
    const result = await call()
    if (held?.when === 'after') await held.hold.here()
    return result
  }

  #heldNow(operation: StoreOperation): Held | undefined {
    for (const held of this.#held) {
      if (held.operation !== operation || held.skip-- > 0) continue
      this.#held.delete(held)
      return held
    }
    return undefined
  }
}
