import type { EntryHead } from '../core/entry-head'
import type { SubjectToken } from '../core/subject'
import type { MissReason } from '../core/sweeper-events'
import type { TokenState } from '../store/token'
import { stampOf } from '../version/pins'
import type { Reading } from '../version/token-reader'

/** A token that was read, unmarked. */
export interface SeenToken {
  readonly token: SubjectToken
  readonly state: TokenState
}

/** What a look into the store came to. */
export type Found = Hit | Miss

/** What is there, made under the tokens that stand. */
export class Hit {
  readonly hit = true
  readonly value: unknown
  readonly head: EntryHead
  readonly reading: Reading
  readonly #tokens: readonly SubjectToken[]
  readonly #further: readonly SeenToken[]

  /** @param tokens unmarked and there, in the order of the reading */
  constructor(
    tokens: readonly SubjectToken[],
    { value, head, reading, further }: Pick<Hit, 'value' | 'head' | 'reading'> & Further,
  ) {
    this.value = value
    this.head = head
    this.reading = reading
    this.#tokens = tokens
    this.#further = further
  }

  /** All that the value depends on, as it was read. */
  get seen(): readonly SeenToken[] {
    return (seenIn(this.#tokens, this.reading) ?? []).concat(this.#further)
  }
}

export interface Further {
  /** What the factory added. */
  readonly further: readonly SeenToken[]
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

/** What a look came to, at once or after another one. */
export type Answered = Found | typeof NO_STORE | Promise<Found | typeof NO_STORE>

/** Undefined if a token is missing or a write is in flight. */
export function seenIn(
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

export function stampsOf(seen: readonly SeenToken[]): readonly string[] {
  return seen.map(({ token, state }) => stampOf(token, state))
}
