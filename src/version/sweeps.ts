import { StoreUnavailableError } from '../core/errors'
import type { Store, TokenSweep } from '../store/store'
import { MIN_TOKEN_LIFE_MS, type TokenState } from '../store/token'
import { RecentSweeps } from './recent-sweeps'
import { Undelivered } from './undelivered'

/** What a store answered: the state each key had, before. */
export type Found = ReadonlyMap<string, TokenState | undefined>

/**
 * The write side of tokens: marks before a COMMIT, sweeps after it, and what could not be delivered.
 */
export class Sweeps {
  readonly #store: Store
  readonly #undelivered: Undelivered
  readonly #recent = new RecentSweeps()
  readonly #stopListening: (() => void) | undefined

  constructor(store: Store, everything: () => readonly string[]) {
    this.#store = store
    this.#undelivered = new Undelivered(store, everything)
    this.#stopListening = store.onConnected?.(() => this.#undelivered.replay(this.#recent.all()))
  }

  /** False while a sweep of this process is not acknowledged: what the store says may be stale then. */
  get isTrusted(): boolean {
    return !this.#undelivered.isPending
  }

  get pending(): number {
    return this.#undelivered.size
  }

  /** 1 round trip. Rejects as the store does. */
  async mark(keys: readonly string[], owner: string, deadlineMs: number): Promise<Found> {
    return foundBy(keys, await this.#store.mark(keys, owner, deadlineMs))
  }

  /** What tokens of types are, made where they are missing. 1 round trip; undefined while the store does not answer. */
  pinTypes(keys: readonly string[]): Promise<Found | undefined> {
    return known(keys, () => this.#store.mint(keys, MIN_TOKEN_LIFE_MS))
  }

  /** The same without making any. */
  currentTypes(keys: readonly string[]): Promise<Found | undefined> {
    return known(keys, async () => (await this.#store.read(keys, [])).tokens)
  }

  /** 1 round trip. Rejects as the store does; a mark that stays behind ends by its deadline. */
  unmark(keys: readonly string[], owner: string): Promise<void> {
    return this.#store.unmark(keys, owner)
  }

  /**
   * Replaces tokens. 1 round trip; never rejects: what the store did not acknowledge is kept, sent again,
   * and until then this process does not trust the store.
   *
   * @returns what was found, or undefined when it could not be delivered now
   */
  async sweep(
    sweeps: readonly TokenSweep[],
    owner: string | undefined,
  ): Promise<Found | undefined> {
    if (sweeps.length === 0) return new Map()
    try {
      const found = await this.#store.sweep(sweeps, owner)
      this.#recent.add(sweeps)
      return foundBy(
        sweeps.map(({ key }) => key),
        found,
      )
    } catch {
      // Reported by the store's guard. Nothing may reject after COMMIT: the row is there.
      this.#undelivered.add(sweeps)
      this.#recent.add(sweeps)
      return undefined
    }
  }

  /** The same with both halves, in no one's name. */
  sweepWhole(keys: readonly string[]): Promise<Found | undefined> {
    return this.sweep(
      keys.map((key) => ({ key, row: true })),
      undefined,
    )
  }

  /** Delivers what is left, at most this long. True when nothing is left. */
  deliverWithin(ms: number): Promise<boolean> {
    return this.#undelivered.deliverWithin(ms)
  }

  close(): void {
    this.#stopListening?.()
    this.#undelivered.close()
  }
}

function foundBy(keys: readonly string[], states: readonly (TokenState | undefined)[]): Found {
  return new Map(keys.map((key, index) => [key, states[index]]))
}

/** Undefined for what the store did not answer, which its guard has reported: whoever asks does without. */
async function known(
  keys: readonly string[],
  ask: () => Promise<readonly (TokenState | undefined)[]>,
): Promise<Found | undefined> {
  if (keys.length === 0) return new Map()
  try {
    return foundBy(keys, await ask())
  } catch (error) {
    if (!(error instanceof StoreUnavailableError)) throw error
    return undefined
  }
}
