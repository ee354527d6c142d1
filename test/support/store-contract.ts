import { randomBytes } from 'node:crypto'
import type { Store } from '../../src/store/store'
import { itBehavesLikeAnEntryStore } from './store-contract-entries'
import { itBehavesLikeAMarkStore } from './store-contract-marks'
import { itBehavesLikeATokenStore } from './store-contract-tokens'
import type { TokenState } from '../../src/store/token'
import { until } from './services-process'

export type Found = TokenState | undefined

/** What every case of the contract works with: a store of its own and keys nobody else has. */
export class ContractSubject {
  readonly store: Store
  readonly #namespace: string
  #keys = 0

  constructor(store: Store, namespace: string) {
    this.store = store
    this.#namespace = `${namespace}:${randomBytes(6).toString('hex')}`
  }

  /** A new key; all keys of a case have the same hash tag. */
  key(suffix = ''): string {
    return `{${this.#namespace}}:${this.#keys++}${suffix}`
  }

  keys(count: number): readonly string[] {
    return Array.from({ length: count }, () => this.key())
  }

  async token(key: string): Promise<Found> {
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

  /** Waits until a moment has passed on the store's clock for certain. */
  async passing(deadlineMs: number): Promise<void> {
    const errorMs = this.store.clock()?.errorMs ?? 0
    await until('a deadline passing', 5_000, () => this.#now() > deadlineMs + errorMs + 1)
  }

  #now(): number {
    const clock = this.store.clock()
    if (clock === undefined) throw new Error('the clock of the store is not known')
    return Date.now() + clock.offsetMs
  }
}

/**
 * What every store does, whatever keeps its data. Runs against real servers; times are real.
 *
 * @param create makes a store for one case; it is closed after it
 * @param namespace begins every key, where others use the same server
 */
export function itBehavesLikeAStore(
  label: string,
  create: () => Store | Promise<Store>,
  namespace: () => string = () => 'contract',
): void {
  describe(`${label}, as a store`, () => {
    let subject: ContractSubject

    beforeEach(async () => {
      subject = new ContractSubject(await create(), namespace())
    })

    afterEach(() => subject.store.close())

    itBehavesLikeAnEntryStore(() => subject)
    itBehavesLikeATokenStore(() => subject)
    itBehavesLikeAMarkStore(() => subject)
  })
}
