import { randomUUID } from 'node:crypto'
import { StoreUnavailableError } from '../core/errors'
import { Keyspace } from '../core/keyspace'
import type { Store } from '../store/store'
import type { Pin } from '../version/pins'
import type { Fragment } from './fragment'
import { type Hit, NO_STORE } from './found'
import type { Lookup } from './lookup'

/** How often those who wait look whether the value is there. */
const FIRST_LOOK_MS = 2
const LAST_LOOK_MS = 25

/** Who waits longer than this for the holder of a lease loads as well. */
export const DEFAULT_LEASE_MS = 10_000

/** The right to load, until it is released or its time is up; or what somebody else who had it has made. */
export type Lease = { readonly made: Hit } | { release(): Promise<void> } | typeof ELSEWHERE

/** Somebody else is loading. */
export const ELSEWHERE: unique symbol = Symbol('loaded elsewhere')

const UNNEEDED: Lease = { release: () => Promise.resolve() }

/**
 * One load of a value across processes. A lease is a mark on a key of its own, named by the entry and by the tokens that
 * were read: who finds no other mark there has it, and one whose holder died ends by the mark's deadline. As with loads
 * that are shared in one process, readers who saw other tokens have other leases (consistency H26, H26b).
 */
export class Leases {
  readonly #store: Pick<Store, 'mark' | 'unmark' | 'read'>
  readonly #lookup: Lookup

  constructor(store: Pick<Store, 'mark' | 'unmark' | 'read'>, lookup: Lookup) {
    this.#store = store
    this.#lookup = lookup
  }

  /**
   * 1 round trip where nobody else is loading, as many as it takes where somebody is; `leaseMs` bounds the waiting.
   *
   * @param wait false: answers `ELSEWHERE` instead of waiting
   */
  async take(fragment: Fragment, pin: Pin, { wait }: { readonly wait: boolean }): Promise<Lease> {
    const key = Keyspace.lease(fragment.entryKey, pin.seen)
    const endsMs = performance.now() + fragment.leaseMs
    let lookMs = FIRST_LOOK_MS
    try {
      while (performance.now() < endsMs) {
        const release = await this.#claim(key, fragment.leaseMs)
        if (release !== undefined) return { release }
        if (!wait) return ELSEWHERE
        while (performance.now() < endsMs && (await this.#isTaken(key))) {
          const found = await this.#lookup.find(fragment)
          if (found !== NO_STORE && found.hit) return { made: found }
          await new Promise((resolve) => setTimeout(resolve, lookMs))
          lookMs = Math.min(lookMs * 2, LAST_LOOK_MS)
        }
        const found = await this.#lookup.find(fragment)
        if (found !== NO_STORE && found.hit) return { made: found }
      }
    } catch (error) {
      // Without a store everybody loads for himself, as without leases.
      if (!(error instanceof StoreUnavailableError)) throw error
    }
    return UNNEEDED
  }

  async #claim(key: string, leaseMs: number): Promise<(() => Promise<void>) | undefined> {
    const owner = randomUUID()
    const release = (): Promise<void> => this.#store.unmark([key], owner).catch(storeErrorsIgnored)
    const [before] = await this.#store.mark([key], owner, leaseMs)
    if (before?.marked !== true) return release
    await release()
    return undefined
  }

  async #isTaken(key: string): Promise<boolean> {
    const { tokens } = await this.#store.read([key], [])
    return tokens[0]?.marked === true
  }
}

/** A lease that could not be given back ends by itself. */
function storeErrorsIgnored(error: unknown): void {
  if (!(error instanceof StoreUnavailableError)) throw error
}
