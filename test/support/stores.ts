import { StoreUnavailableError } from '../../src/core/errors'
import type { StoreOperation } from '../../src/store/guarded-store'
import type { EntryWrite, Store, StoreClock, StoreReply, TokenSweep } from '../../src/store/store'
import type { TokenState } from '../../src/store/token'
import { randomFrom } from './random'

/** Does something around every call of another store. The doubles below each are one such thing. */
export abstract class AroundStore implements Store {
  readonly name: string
  readonly store: Store

  constructor(store: Store) {
    this.name = store.name
    this.store = store
  }

  abstract around<T>(operation: StoreOperation, call: () => Promise<T>): Promise<T>

  /** Under which key the other store has it. */
  keyOf(key: string): string {
    return key
  }

  #keysOf(keys: readonly string[]): readonly string[] {
    return keys.map((key) => this.keyOf(key))
  }

  read(tokenKeys: readonly string[], entryKeys: readonly string[]): Promise<StoreReply> {
    return this.around('read', () => this.store.read(this.#keysOf(tokenKeys), entryKeys))
  }

  mint(tokenKeys: readonly string[], lifeMs: number): Promise<readonly TokenState[]> {
    return this.around('mint', () => this.store.mint(this.#keysOf(tokenKeys), lifeMs))
  }

  write(entries: readonly EntryWrite[]): Promise<void> {
    const written = entries.map((entry) => ({ ...entry, tokenKeys: this.#keysOf(entry.tokenKeys) }))
    return this.around('write', () => this.store.write(written))
  }

  remove(entryKeys: readonly string[]): Promise<void> {
    return this.around('remove', () => this.store.remove(entryKeys))
  }

  mark(
    tokenKeys: readonly string[],
    owner: string,
    lastsMs: number,
  ): Promise<readonly (TokenState | undefined)[]> {
    return this.around('mark', () => this.store.mark(this.#keysOf(tokenKeys), owner, lastsMs))
  }

  unmark(tokenKeys: readonly string[], owner: string): Promise<void> {
    return this.around('unmark', () => this.store.unmark(this.#keysOf(tokenKeys), owner))
  }

  sweep(
    sweeps: readonly TokenSweep[],
    owner?: string,
  ): Promise<readonly (TokenState | undefined)[]> {
    const swept = sweeps.map(({ key, row }) => ({ key: this.keyOf(key), row }))
    return this.around('sweep', () => this.store.sweep(swept, owner))
  }

  clock(): StoreClock | undefined {
    return this.store.clock()
  }

  close(): Promise<void> {
    return this.store.close()
  }
}

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

/** Rejects the operations in `failing`, all at first. Nothing of them reaches the other store. */
export class ThrowingStore extends AroundStore {
  failing: ReadonlySet<StoreOperation> = new Set(OPERATIONS)

  async around<T>(operation: StoreOperation, call: () => Promise<T>): Promise<T> {
    if (this.failing.has(operation))
      throw new StoreUnavailableError(this.name, operation, 'ECONNREFUSED')
    return call()
  }
}

/** Answers every call `delayMs` later than the other store, which has done it at once. */
export class SlowStore extends AroundStore {
  delayMs: number

  constructor(store: Store, delayMs: number) {
    super(store)
    this.delayMs = delayMs
  }

  async around<T>(_: StoreOperation, call: () => Promise<T>): Promise<T> {
    const result = await call()
    await new Promise((resolve) => setTimeout(resolve, this.delayMs))
    return result
  }
}

/** Never answers the operations in `hanging`, all at first, until `release`: then the other store gets them. */
export class HangingStore extends AroundStore {
  hanging: ReadonlySet<StoreOperation> = new Set(OPERATIONS)
  readonly #held: (() => void)[] = []

  /** How many calls hang. */
  get held(): number {
    return this.#held.length
  }

  release(): void {
    this.hanging = new Set()
    for (const go of this.#held.splice(0)) go()
  }

  async around<T>(operation: StoreOperation, call: () => Promise<T>): Promise<T> {
    if (this.hanging.has(operation)) await new Promise<void>((resolve) => this.#held.push(resolve))
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

/** Loses tokens on command, as a store does that evicts: they are missing from then on. */
export class ForgettingStore extends AroundStore {
  readonly #losses = new Map<string, number>()
  #allLosses = 0

  forget(...tokenKeys: readonly string[]): void {
    for (const key of tokenKeys) this.#losses.set(key, (this.#losses.get(key) ?? 0) + 1)
  }

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

const OPERATIONS: readonly StoreOperation[] = [
  'read',
  'mint',
  'write',
  'remove',
  'mark',
  'unmark',
  'sweep',
]
