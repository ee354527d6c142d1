import { decodeEntryHead, type EntryHead } from '../core/entry-head'
import { StoreUnavailableError } from '../core/errors'
import type { SubjectToken } from '../core/subject'
import type { MissReason } from '../core/sweeper-events'
import { decodeValue, UNREADABLE } from '../core/value-codec'
import type { TokenState } from '../store/token'
import { stampOf } from '../version/pins'
import type { Reading, TokenReader } from '../version/token-reader'
import type { Fragment } from './fragment'

/** A token that was read, unmarked. */
export interface SeenToken {
  readonly token: SubjectToken
  readonly state: TokenState
}

/** What a look into the store came to. */
export type Found = Hit | Miss

export interface Hit {
  readonly hit: true
  readonly value: unknown
  readonly head: EntryHead
  /** All that the value depends on, as it was read. */
  readonly seen: readonly SeenToken[]
  readonly reading: Reading
}

export interface Miss {
  readonly hit: false
  readonly reason: MissReason
  readonly reading: Reading
  /** What is still there of a value that was swept or is over, and for how long it has been; without parts only. */
  readonly stale?: { readonly head: EntryHead; readonly forMs: number }
}

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
    const keys = fragment.tokens.map(({ key }) => key)
    const reading = await this.read(keys, fragment.entryKey)
    if (reading === NO_STORE) return NO_STORE
    const judged = this.#judge(fragment, reading)
    if ('reason' in judged) return judged
    const { head, seen } = judged
    const further = head.dependencies.length === 0 ? [] : await this.#furtherOf(head)
    if (further === NO_STORE) return NO_STORE
    if (further === undefined) return { hit: false, reason: 'swept', reading }
    const value = decodeValue(head.kind, head.bytes)
    return value === UNREADABLE
      ? { hit: false, reason: 'unreadable', reading }
      : { hit: true, value, head, seen: seen.concat(further), reading }
  }

  /** 1 round trip, shared with all reads of the same tick. Asked and answered only while the store is believed. */
  async read(tokenKeys: readonly string[], entryKey?: string): Promise<Reading | typeof NO_STORE> {
    if (!this.#isTrusted()) return NO_STORE
    // The store's guard has reported why. It may have become untrustworthy while we waited.
    const reading = await this.#reader.read(tokenKeys, entryKey).catch(storeErrorsAsNone)
    return this.#isTrusted() ? reading : NO_STORE
  }

  #judge({ tokens, attribute }: Fragment, reading: Reading): Pick<Hit, 'head' | 'seen'> | Miss {
    const miss = (reason: MissReason): Miss => ({ hit: false, reason, reading })
    if (reading.tokens.some((state) => state?.marked === true)) return miss('marked')
    if (reading.entry === undefined) return miss('absent')
    const head = decodeEntryHead(reading.entry)
    if (head === undefined) return miss('unreadable')
    const seen = seenIn(tokens, reading)
    if (seen === undefined) return miss('swept')
    const isOver = head.freshUntilMs <= this.#storeNow()
    const isSwept = !head.matches(stampsOf(seen))
    const made = head.attribute
    const isOther = attribute !== undefined && made !== undefined && attribute !== made
    if (!isSwept && !isOver) return isOther ? miss('attribute') : { head, seen }
    const reason = isSwept ? 'swept' : 'expired'
    return isOther || head.dependencies.length > 0
      ? miss(reason)
      : { ...miss(reason), stale: { head, forMs: this.#storeNow() - endOf(head, seen) } }
  }

  /** Undefined when what the factory added was swept since. */
  async #furtherOf(head: EntryHead): Promise<readonly SeenToken[] | typeof NO_STORE | undefined> {
    const { dependencies } = head
    const reading = await this.read(dependencies.map(({ key }) => key))
    if (reading === NO_STORE) return NO_STORE
    const seen = seenIn(dependencies, reading)
    return seen !== undefined && head.matchesDependencies(stampsOf(seen)) ? seen : undefined
  }
}

function storeErrorsAsNone(error: unknown): typeof NO_STORE {
  if (error instanceof StoreUnavailableError) return NO_STORE
  throw error
}

/** Undefined if a token is missing or a write is in flight. */
function seenIn(
  tokens: readonly SubjectToken[],
  { tokens: states }: Reading,
): readonly SeenToken[] | undefined {
  const seen: SeenToken[] = []
  for (const [index, token] of tokens.entries()) {
    const state = states[index]
    if (state === undefined || state.marked) return undefined
    seen.push({ token, state })
  }
  return seen
}

/**
 * Since when an entry is not current any more, on the store's clock. What was swept is so since the token that replaced
 * its own was born; whether there were others between the two is not known.
 */
function endOf(head: EntryHead, seen: readonly SeenToken[]): number {
  const births = head
    .differing(stampsOf(seen))
    .flatMap((at) => seen[at] ?? [])
    .map(({ token, state }) => (token.half === 'row' ? state.rowBornMs : state.bornMs))
  return Math.min(head.freshUntilMs, ...births)
}

function stampsOf(seen: readonly SeenToken[]): readonly string[] {
  return seen.map(({ token, state }) => stampOf(token, state))
}
