import { randomUUID } from 'node:crypto'
import { digestOf } from '../core/digest'
import { StoreUnavailableError } from '../core/errors'
import type { Subject } from '../core/subject'
import { MIN_TOKEN_LIFE_MS } from '../store/token'
import type { Store } from '../store/store'
import type { Pins } from '../version/pins'
import { tokensOf } from './fragment'
import type { TransactionView } from './transaction-view'

/** What tells whether something has changed since. */
export interface Validator {
  /** As `sweeper.version()` gives it. */
  readonly version: string
  /**
   * The second in which the newest of its tokens was made, on the store's clock: not before the last change.
   * Undefined until that second is over, since another change in it could not be told apart, and while the
   * store's clock is not known.
   */
  readonly changedAt: Date | undefined
}

/** Texts that stand for the state of subjects; one that equals no other where the state cannot be told. */
export class Versions {
  readonly #pins: Pins
  readonly #isTrusted: () => boolean
  readonly #store: Pick<Store, 'clock'>
  readonly #replicaLagMs: number

  /** @param replicaLagMs how far replicas of the database may be behind; 0 where there is none to read from */
  constructor(
    pins: Pins,
    store: Pick<Store, 'clock'>,
    isTrusted: () => boolean,
    replicaLagMs: number,
  ) {
    this.#pins = pins
    this.#isTrusted = isTrusted
    this.#store = store
    this.#replicaLagMs = replicaLagMs
  }

  /** 1 round trip, 2 if a token was missing. */
  async of(subjects: readonly Subject[], transaction: TransactionView): Promise<string> {
    return (await this.validatorOf(subjects, transaction))?.version ?? randomUUID()
  }

  /** Undefined where nothing can be told. 1 round trip, 2 if a token was missing. */
  async validatorOf(
    subjects: readonly Subject[],
    { hasWritten }: TransactionView,
  ): Promise<Validator | undefined> {
    if (hasWritten || !this.#isTrusted()) return undefined
    try {
      const pin = await this.#pins.pin(tokensOf(subjects), MIN_TOKEN_LIFE_MS)
      if (pin.marked || !this.#isTrusted()) return undefined
      const bornMs = Math.max(...pin.states.map((state) => state.bornMs))
      if (!this.#isShownByReplicas(bornMs)) return undefined
      return { version: digestOf(pin.stamps.join('\n')), changedAt: this.#settled(bornMs) }
    } catch (error) {
      if (!(error instanceof StoreUnavailableError)) throw error
      return undefined
    }
  }

  /** What is loaded under a version must not be older than it: a replica may not have heard of its last write yet (consistency H23). */
  #isShownByReplicas(bornMs: number): boolean {
    if (this.#replicaLagMs === 0) return true
    const clock = this.#store.clock()
    if (clock === undefined) return false
    return bornMs < Date.now() + clock.offsetMs - clock.errorMs - this.#replicaLagMs
  }

  #settled(bornMs: number): Date | undefined {
    const clock = this.#store.clock()
    if (clock === undefined || !Number.isFinite(bornMs)) return undefined
    const second = Math.floor(bornMs / 1000) * 1000
    const storeNowMs = Date.now() + clock.offsetMs - clock.errorMs
    return storeNowMs < second + 1000 ? undefined : new Date(second)
  }
}
