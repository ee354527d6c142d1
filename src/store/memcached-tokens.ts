import { StoreUnavailableError } from '../core/errors'
import { answered, type MemcachedClient, type MemcachedGets } from './memcached-client'
import type { MemcachedClock } from './memcached-clock'
import { memcachedKey, NOTHING, secondsOf, slotOf, slotText } from './memcached-values'
import { newNonce } from './nonce'
import { parseToken } from './token'
import type { Moment, Slot } from './token-machine'

/** From what a key holds to what it holds after. `latestMs` is what the store's clock may show at most. */
export type Transition = (
  slot: Slot | undefined,
  at: Moment,
  latestMs: number,
  key: string,
) => Slot | undefined

/** How many keys are under way at once: fewer than the connections of a client, who makes others wait. */
const KEYS_AT_ONCE = 8

/** Each attempt that fails means that another one's succeeded. */
const MAX_ATTEMPTS = 200

/** How long a key is held for a token that is being made. */
const HELD_MS = 60_000

/**
 * Changes tokens by compare-and-swap: `gets`, `cas`, again if somebody was faster.
 *
 * The birth of a token is taken between the two, and late: at the latest that the store's clock may show. Whatever is
 * committed after it is marked or swept in the same key, and the swap refused. A missing key is therefore held by
 * `add` first, with nothing in it: an `add` with a token, arriving late, would bring one that is older than a sweep
 * which found the key missing. Deadlines are set late and looked at early, as a mark must not end before its time.
 */
export class MemcachedTokens {
  readonly #client: MemcachedClient
  readonly #clock: MemcachedClock

  constructor(client: MemcachedClient, clock: MemcachedClock) {
    this.#client = client
    this.#clock = clock
  }

  /** What each key held before. 2 round trips if nobody else changes it, 4 where it was missing, 1 if nothing changes. */
  async change(
    operation: string,
    keys: readonly string[],
    transition: Transition,
    found: (index: number, before: Slot | undefined, after: Slot | undefined) => void,
  ): Promise<void> {
    let next = 0
    const worker = async (): Promise<void> => {
      for (let index = next++; index < keys.length; index = next++) {
        // Each worker takes one key after another: that is what bounds them.
        const [before, after] = await this.#changeOne(operation, keys[index] ?? '', transition)
        found(index, before, after)
      }
    }
    await Promise.all(Array.from({ length: Math.min(KEYS_AT_ONCE, keys.length) }, worker))
  }

  async #changeOne(
    operation: string,
    name: string,
    transition: Transition,
  ): Promise<[before: Slot | undefined, after: Slot | undefined]> {
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      // Attempts follow upon each other: each looks at what the one before has met.
      const outcome = await this.#attempt(operation, name, transition)
      if (outcome !== undefined) return outcome
    }
    throw new StoreUnavailableError('memcached', operation, 'contended')
  }

  async #attempt(
    operation: string,
    name: string,
    transition: Transition,
  ): Promise<[Slot | undefined, Slot | undefined] | undefined> {
    const key = memcachedKey(name)
    const held = await answered<MemcachedGets | undefined>(operation, (done) =>
      this.#client.gets(key, done),
    )
    const { offsetMs, errorMs } = await this.#clock.read(operation)
    const ms = Math.floor(Date.now() + offsetMs - errorMs)
    const latestMs = Math.ceil(Date.now() + offsetMs + errorMs)
    const before = slotOf(held?.[key], ms)
    const us = Math.max(latestMs * 1000, lastBirth(before) + 1)
    const after = transition(before, { us, ms, nonce: newNonce() }, latestMs, name)
    if (held === undefined)
      return after === undefined ? [before, after] : this.#hold(operation, key)
    // A sweep writes also where it leaves nothing: somebody may be about to put a token there that is older.
    if (after === before && after !== undefined) return [before, after]
    const text = after === undefined ? NOTHING : slotText(after)
    const seconds = secondsOf((after?.endsMs ?? ms + HELD_MS) - ms)
    const isSwapped = await answered<boolean>(operation, (done) =>
      this.#client.cas(key, text, held.cas, seconds, done),
    )
    return isSwapped ? [before, after] : undefined
  }

  async #hold(operation: string, key: string): Promise<undefined> {
    await answered<boolean>(operation, (done) =>
      this.#client.add(key, NOTHING, secondsOf(HELD_MS), (error, isAdded) => {
        // Somebody else holds it: as good.
        const isTaken = error instanceof Error && 'notStored' in error
        done(isTaken ? undefined : error, isAdded)
      }),
    )
  }
}

/** Births in a key never go back, whoever's clock made them. */
function lastBirth(slot: Slot | undefined): number {
  return Math.ceil((slot === undefined ? 0 : (parseToken(slot.text, '')?.bornMs ?? 0)) * 1000)
}
