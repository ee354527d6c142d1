import { randomBytes } from 'node:crypto'
import type { Store, StoreClock } from '../store/store'
import type { TokenState } from '../store/token'
import { until } from './until'

/** What every case of the contract works with: a store of its own and keys nobody else has. */
export class ContractSubject {
  readonly store: Store
  readonly largestEntry: number
  readonly #namespace: string
  #keys = 0

  constructor(store: Store, namespace: string, largestEntry: number) {
    this.store = store
    this.largestEntry = largestEntry
    this.#namespace = `${namespace}:${randomBytes(6).toString('hex')}`
  }

  /** A new key; all keys of a case have the same hash tag. */
  key(suffix = ''): string {
    return `{${this.#namespace}}:${this.#keys++}${suffix}`
  }

  keys(count: number): readonly string[] {
    return Array.from({ length: count }, () => this.key())
  }

  async token(key: string): Promise<TokenState | undefined> {
    return (await this.store.read([key], [])).tokens[0]
  }

  async entry(key: string): Promise<Buffer | undefined> {
    return (await this.store.read([], [key])).entries[0]
  }

  /** A token that was just made; it lives for a day unless said otherwise. */
  async minted(key: string, lifeMs = 86_400_000): Promise<TokenState> {
    const [state] = await this.store.mint([key], lifeMs)
    if (state === undefined) throw new Error(`mint of ${key}: no answer`)
    return state
  }

  /** A moment on the store's clock, from now. */
  async inMs(ms: number): Promise<number> {
    if (this.store.clock() === undefined) await this.store.sweep([{ key: this.key(), row: false }])
    return this.#now() + ms
  }

  /** Waits until a moment has passed on the store's clock for certain, for who noted it and for who looks at it. */
  async passing(deadlineMs: number): Promise<void> {
    const noted = this.#clock().errorMs
    await until('a deadline passing', 15_000, () => {
      const errorMs = Math.max(noted, this.#clock().errorMs)
      return this.#now() > deadlineMs + 2 * errorMs + 1
    })
  }

  #now(): number {
    return Date.now() + this.#clock().offsetMs
  }

  #clock(): StoreClock {
    const clock = this.store.clock()
    if (clock === undefined) throw new Error('the clock of the store is not known')
    return clock
  }
}
