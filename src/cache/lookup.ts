import { decodeEntryHead, type EntryHead } from '../core/entry-head'
import { StoreUnavailableError } from '../core/errors'
import type { SubjectToken } from '../core/subject'
import type { MissReason } from '../core/sweeper-events'
import { UNREADABLE } from '../core/value-codec'
import { stampOf } from '../version/pins'
import type { TokenState } from '../store/token'
import type { Question, Reading, TokenReader } from '../version/token-reader'
import {
  type Answered,
  type Found,
  type Further,
  Hit,
  type Miss,
  NO_STORE,
  seenIn,
  type SeenToken,
  stampsOf,
} from './found'
import type { Fragment } from './fragment'

/** One look for a fragment. Told once what it came to, or that it failed; both without a promise in between. */
export abstract class Look implements Question {
  readonly fragment: Fragment
  readonly #lookup: Lookup

  constructor(fragment: Fragment, lookup: Lookup) {
    this.fragment = fragment
    this.#lookup = lookup
  }

  get tokens(): Fragment['tokens'] {
    return this.fragment.tokens
  }

  get entryKey(): string {
    return this.fragment.entryKey
  }

  answered(reading: Reading): void {
    this.told(this.#lookup.judge(this.fragment, reading))
  }

  failed(error: unknown): void {
    // The store's guard has reported why.
    if (error instanceof StoreUnavailableError) this.told(NO_STORE)
    else this.broke(error)
  }

  abstract told(found: Answered): void
  abstract broke(error: unknown): void
}

/**
 * Looks a fragment up: one round trip, shared with all reads of the same tick. A second one for an entry
 * whose factory added subjects while it ran.
 */
export class Lookup {
  readonly #reader: TokenReader
  readonly #isTrusted: () => boolean
  readonly #storeNow: () => number
  /** When a reply came, on the store's clock: to ask it again for each of fifty fragments takes longer than the rest. */
  #came = { reply: 0, storeNowMs: 0 }

  constructor(reader: TokenReader, isTrusted: () => boolean, storeNow: () => number) {
    this.#reader = reader
    this.#isTrusted = isTrusted
    this.#storeNow = storeNow
  }

  /** Never rejects for the store's sake: what it does not answer is `NO_STORE`. */
  find(fragment: Fragment): Promise<Found | typeof NO_STORE> {
    return new Promise((resolve, reject) =>
      this.ask(new PromisedLook(fragment, this, resolve, reject)),
    )
  }

  /** The same without a promise, but where parts of the value have to be asked for as well. */
  ask(look: Look): void {
    if (this.#isTrusted()) this.#reader.ask(look)
    else look.told(NO_STORE)
  }

  /** 1 round trip, shared with all reads of the same tick. Asked and answered only while the store is believed. */
  async read(tokenKeys: readonly string[], entryKey?: string): Promise<Reading | typeof NO_STORE> {
    if (!this.#isTrusted()) return NO_STORE
    const reading = await this.#reader.read(tokenKeys, entryKey).catch(storeErrorsAsNone)
    return this.#isTrusted() ? reading : NO_STORE
  }

  /** What a reading for this fragment means. */
  judge(fragment: Fragment, reading: Reading): Answered {
    // It may have become untrustworthy while we waited.
    if (!this.#isTrusted()) return NO_STORE
    const { tokens, attribute } = fragment
    if (reading.tokens.some(isMarked)) return missed('marked', reading)
    if (reading.entry === undefined) return missed('absent', reading)
    const head = decodeEntryHead(reading.entry)
    if (head === undefined) return missed('unreadable', reading)
    const stamps = stampsIn(tokens, reading)
    if (stamps === undefined) return missed('swept', reading)
    const storeNowMs = this.#storeNowAt(reading)
    const isOver = head.freshUntilMs <= storeNowMs
    const isSwept = !head.matches(stamps)
    const made = head.attribute
    const isOther = attribute !== undefined && made !== undefined && attribute !== made
    if (!isSwept && !isOver) {
      if (isOther) return missed('attribute', reading)
      return head.hasDependencies
        ? this.#withFurther(fragment, head, reading)
        : decoded(tokens, { head, reading, further: NONE })
    }
    const reason = isSwept ? 'swept' : 'expired'
    return isOther || head.hasDependencies
      ? missed(reason, reading)
      : {
          ...missed(reason, reading),
          stale: { head, forMs: storeNowMs - endOf(head, fragment, reading) },
        }
  }

  #storeNowAt({ reply }: Reading): number {
    if (reply !== this.#came.reply) this.#came = { reply, storeNowMs: this.#storeNow() }
    return this.#came.storeNowMs
  }

  /** 1 round trip more, for what the factory added. */
  async #withFurther(
    { tokens }: Fragment,
    head: EntryHead,
    reading: Reading,
  ): Promise<Found | typeof NO_STORE> {
    const { dependencies } = head
    const now = await this.read(dependencies.map(({ key }) => key))
    if (now === NO_STORE) return NO_STORE
    const further = seenIn(dependencies, now)
    return further !== undefined && head.matchesDependencies(stampsOf(further))
      ? decoded(tokens, { head, reading, further })
      : missed('swept', reading)
  }
}

const NONE: readonly SeenToken[] = []

function decoded(
  tokens: readonly SubjectToken[],
  { head, reading, further }: Pick<Hit, 'head' | 'reading'> & Further,
): Found {
  const { value } = head
  return value === UNREADABLE
    ? missed('unreadable', reading)
    : new Hit(tokens, { value, head, reading, further })
}

class PromisedLook extends Look {
  readonly told: (found: Answered) => void
  readonly broke: (error: unknown) => void

  constructor(
    fragment: Fragment,
    lookup: Lookup,
    told: (found: Answered) => void,
    broke: (error: unknown) => void,
  ) {
    super(fragment, lookup)
    this.told = told
    this.broke = broke
  }
}

function missed(reason: MissReason, reading: Reading): Miss {
  return { hit: false, reason, reading }
}

function isMarked(state: TokenState | undefined): boolean {
  return state?.marked === true
}

function storeErrorsAsNone(error: unknown): typeof NO_STORE {
  if (error instanceof StoreUnavailableError) return NO_STORE
  throw error
}

/** What an entry has to carry to be a hit; undefined if a token is missing. */
function stampsIn(
  tokens: readonly SubjectToken[],
  { tokens: states }: Reading,
): readonly string[] | undefined {
  const stamps: string[] = []
  for (let at = 0; at < tokens.length; at++) {
    const token = tokens[at]
    const state = states[at]
    if (token === undefined || state === undefined) return undefined
    stamps.push(stampOf(token, state))
  }
  return stamps
}

/**
 * Since when an entry is not current any more, on the store's clock. What was swept is so since the token that replaced
 * its own was born; whether there were others between the two is not known.
 */
function endOf(head: EntryHead, { tokens }: Fragment, reading: Reading): number {
  const seen = seenIn(tokens, reading) ?? []
  const births = head
    .differing(stampsOf(seen))
    .flatMap((at) => seen[at] ?? [])
    .map(({ token, state }) => (token.half === 'row' ? state.rowBornMs : state.bornMs))
  return Math.min(head.freshUntilMs, ...births)
}
