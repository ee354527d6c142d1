import { StoreUnavailableError, type Store, type StoreOperation } from '../index'
import { AroundStore } from './around-store'

/** What a store can be asked for. */
const STORE_OPERATIONS: readonly StoreOperation[] = [
  'read',
  'mint',
  'write',
  'remove',
  'mark',
  'unmark',
  'sweep',
]

/** Rejects the operations in `failing`, all at first. Nothing of them reaches the other store. */
export class ThrowingStore extends AroundStore {
  failing: ReadonlySet<StoreOperation> = new Set(STORE_OPERATIONS)

  async around<T>(operation: StoreOperation, call: () => Promise<T>): Promise<T> {
    if (this.failing.has(operation))
      throw new StoreUnavailableError(this.name, operation, 'ECONNREFUSED')
    return call()
  }
}

/** Answers the operations in `delaying` `delayMs` later than the other store, which has done them at once. All at first. */
export class SlowStore extends AroundStore {
  delaying: ReadonlySet<StoreOperation> = new Set(STORE_OPERATIONS)
  delayMs: number

  constructor(store: Store, delayMs: number) {
    super(store)
    this.delayMs = delayMs
  }

  async around<T>(operation: StoreOperation, call: () => Promise<T>): Promise<T> {
    const result = await call()
    if (this.delaying.has(operation))
      await new Promise((resolve) => {
        setTimeout(resolve, this.delayMs)
      })
    return result
  }
}

/** Never answers the operations in `hanging`, all at first, until `release`: then the other store gets them. */
export class HangingStore extends AroundStore {
  hanging: ReadonlySet<StoreOperation> = new Set(STORE_OPERATIONS)
  readonly #held: (() => void)[] = []

  /** How many calls hang. */
  get held(): number {
    return this.#held.length
  }

  /** Lets the calls that are held go on to the other store. */
  release(): void {
    this.hanging = new Set()
    for (const go of this.#held.splice(0)) go()
  }

  async around<T>(operation: StoreOperation, call: () => Promise<T>): Promise<T> {
    if (this.hanging.has(operation)) await new Promise<void>((resolve) => this.#held.push(resolve))
    return call()
  }
}

/** Loses tokens on command, as a store does that evicts: they are missing from then on. */
export class ForgettingStore extends AroundStore {
  readonly #losses = new Map<string, number>()
  #allLosses = 0

  /** Loses these tokens, as if they had been evicted. */
  forget(...tokenKeys: readonly string[]): void {
    for (const key of tokenKeys) this.#losses.set(key, (this.#losses.get(key) ?? 0) + 1)
  }

  /** Loses every token, as `FLUSHALL` does. */
  forgetAll(): void {
    this.#allLosses++
  }

  override keyOf(key: string): string {
    const losses = this.#losses.get(key) ?? 0
    return losses + this.#allLosses === 0 ? key : `${key}~${this.#allLosses}.${losses}`
  }

  around<T>(_: StoreOperation, call: () => Promise<T>): Promise<T> {
    return call()
  }
}
