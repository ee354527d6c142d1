import { decodeEntryHead } from '../core/entry-head'
import type { EntryHead } from '../core/entry-head'
import { StoreUnavailableError } from '../core/errors'
import type { MissReason } from '../core/sweeper-events'
import { decodeValue, UNREADABLE } from '../core/value-codec'
import { stampOf } from '../version/pins'
import type { Reading, TokenReader } from '../version/token-reader'
import type { Fragment } from './fragment'
import { addedTokens, type Added } from './load'

/** What a look into the store came to. */
export type Found =
  | {
      readonly hit: true
      readonly value: unknown
      readonly reading: Reading
      /** What it was made from beside the reader's subjects. */
      readonly added: readonly Added[]
    }
  | { readonly hit: false; readonly reason: MissReason; readonly reading: Reading }

/** The store did not answer, or is not to be believed. */
export const NO_STORE: unique symbol = Symbol('no store')

/**
 * Looks a fragment up: one round trip, shared with all reads of the same tick. A second one for an entry
 * whose factory added subjects while it ran.
 */
export class Lookup {
  readonly #reader: TokenReader
  readonly #isTrusted: () => boolean
  readonly #storeNow: () => number

  constructor(reader: TokenReader, isTrusted: () => boolean, storeNow: () => number) {
    this.#reader = reader
    this.#isTrusted = isTrusted
    this.#storeNow = storeNow
  }

  /** Never rejects for the store's sake: what it does not answer is `NO_STORE`. */
  async find(fragment: Fragment): Promise<Found | typeof NO_STORE> {
    if (!this.#isTrusted()) return NO_STORE
    const keys = fragment.tokens.map(({ key }) => key)
    const reading = await this.#reader.read(keys, fragment.entryKey).catch(storeErrorsAsNone)
    // The store's guard has reported why. It may have become untrustworthy while we waited.
    if (reading === NO_STORE || !this.#isTrusted()) return NO_STORE
    const found = this.#judge(fragment, reading)
    if (!('head' in found)) return found
    const { head } = found
    const { dependencies } = head
    const added: Added[] = []
    if (dependencies.length > 0) {
      const further = await this.#reader
        .read(dependencies.map(({ key }) => key))
        .catch(storeErrorsAsNone)
      if (further === NO_STORE) return NO_STORE
      const stamps = usableStamps(dependencies, further)
      if (stamps === undefined || !head.matchesDependencies(stamps))
        return { hit: false, reason: 'swept', reading }
      added.push(addedTokens(dependencies, further.tokens))
    }
    const value = decodeValue(head.kind, head.bytes)
    return value === UNREADABLE
      ? { hit: false, reason: 'unreadable', reading }
      : { hit: true, value, reading, added }
  }

  #judge(
    { tokens, attribute }: Fragment,
    reading: Reading,
  ): { readonly head: EntryHead } | (Found & { readonly hit: false }) {
    const miss = (reason: MissReason): Found & { readonly hit: false } => ({
      hit: false,
      reason,
      reading,
    })
    if (reading.tokens.some((state) => state?.marked === true)) return miss('marked')
    if (reading.entry === undefined) return miss('absent')
    const head = decodeEntryHead(reading.entry)
    if (head === undefined) return miss('unreadable')
    const stamps = usableStamps(tokens, reading)
    if (stamps === undefined || !head.matches(stamps)) return miss('swept')
    if (head.freshUntilMs <= this.#storeNow()) return miss('expired')
    const made = head.attribute
    if (attribute !== undefined && made !== undefined && attribute !== made)
      return miss('attribute')
    return { head }
  }
}

function storeErrorsAsNone(error: unknown): typeof NO_STORE {
  if (error instanceof StoreUnavailableError) return NO_STORE
  throw error
}

/** The stamps to compare; undefined if a token is missing or a write is in flight. */
function usableStamps(
  tokens: Fragment['tokens'],
  { tokens: states }: Reading,
): readonly string[] | undefined {
  const stamps: string[] = []
  for (const [index, token] of tokens.entries()) {
    const state = states[index]
    if (state === undefined || state.marked) return undefined
    stamps.push(stampOf(token, state))
  }
  return stamps
}
