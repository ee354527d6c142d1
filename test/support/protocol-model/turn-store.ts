import type { StoreOperation } from '../../../src/store/guarded-store'
import type { Store, StoreClock, StoreReply, TokenSweep } from '../../../src/store/store'
import type { TokenState } from '../../../src/store/token'
import type { ManualClock } from '../manual-clock'
import { AroundStore } from '../stores'
import type { TokenWatch } from './token-watch'
import type { Turns } from './turns'

/**
 * The way to a store: every command arrives when its turn comes, every answer when another one does. Commands that
 * change tokens may arrive again, as from a client library that has lost the reply.
 */
export class TurnStore extends AroundStore {
  readonly #turns: Turns
  readonly #clock: ManualClock
  readonly #watch: TokenWatch
  readonly #sent: (() => Promise<unknown>)[] = []

  constructor(store: Store, turns: Turns, clock: ManualClock, watch: TokenWatch) {
    super(store)
    this.#turns = turns
    this.#clock = clock
    this.#watch = watch
  }

  /** One of the commands that were sent arrives again; nobody waits for its answer. */
  async resend(number: number): Promise<void> {
    await this.#sent[number % Math.max(this.#sent.length, 1)]?.()
  }

  override clock(): StoreClock {
    return { offsetMs: this.#clock.now() - Date.now(), errorMs: 0 }
  }

  override read(tokenKeys: readonly string[], entryKeys: readonly string[]): Promise<StoreReply> {
    return this.#travel(async () => {
      const reply = await this.store.read(tokenKeys, entryKeys)
      this.#watch.saw(tokenKeys, reply.tokens)
      return reply
    })
  }

  override mint(tokenKeys: readonly string[], lifeMs: number): Promise<readonly TokenState[]> {
    return this.#send(async () => {
      const states = await this.store.mint(tokenKeys, lifeMs)
      this.#watch.saw(tokenKeys, states)
      return states
    })
  }

  override mark(
    tokenKeys: readonly string[],
    owner: string,
    lastsMs: number,
  ): Promise<readonly (TokenState | undefined)[]> {
    return this.#send(() => this.store.mark(tokenKeys, owner, lastsMs))
  }

  override unmark(tokenKeys: readonly string[], owner: string): Promise<void> {
    return this.#send(() => this.store.unmark(tokenKeys, owner))
  }

  override sweep(
    sweeps: readonly TokenSweep[],
    owner?: string,
  ): Promise<readonly (TokenState | undefined)[]> {
    return this.#send(() => this.store.sweep(sweeps, owner))
  }

  around<T>(_: StoreOperation, call: () => Promise<T>): Promise<T> {
    return this.#travel(call)
  }

  #send<T>(command: () => Promise<T>): Promise<T> {
    return this.#travel(() => {
      this.#sent.push(command)
      return command()
    })
  }

  async #travel<T>(call: () => Promise<T>): Promise<T> {
    await this.#turns.wait()
    const result = await call()
    await this.#turns.wait()
    return result
  }
}
