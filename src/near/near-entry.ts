import type { EntryHead } from '../core/entry-head'
import type { SubjectToken } from '../core/subject'
import { decodeValue, VALUE_KIND } from '../core/value-codec'
import type { TokenState } from '../store/token'
import { deepFrozen } from './deep-frozen'

/** A token as this process knows it; all entries made under it hold the same object. */
export interface NearToken {
  readonly key: string
  readonly state: TokenState
  /** False from the moment somebody is known to have moved it. */
  isCurrent: boolean
  /** How many entries hold it. */
  uses: number
}

/** A token as one entry depends on it. */
export interface HeldToken {
  readonly token: SubjectToken
  readonly known: NearToken
}

/** What was read from the store, decoded. */
export interface NearContent {
  readonly head: EntryHead
  /** What `head.bytes` decode to. Frozen from now on where it can be. */
  readonly value: unknown
  /** When the read that found it was sent, by this process's clock. */
  readonly asOfMs: number
  /** The store's clock minus this process's, in milliseconds; asked once, and not at every hit. @default 0 */
  readonly offsetMs?: number
}

/**
 * What one entry takes beside its value and the text of its key: map slots, objects, promise, and a token of its own with
 * the texts of its state. Measured on Node 20 (`npm run bench:scale -- near`).
 */
const OVERHEAD_BYTES = 840

/** Parsed JSON takes more than its text. Measured on rows of an entity, on Node 20. */
const PARSED_FACTOR = 3

/** One entry near at hand, decoded once where what was decoded can be shared. */
export class NearEntry {
  readonly key: string
  readonly held: readonly HeldToken[]
  /** When its tokens stood in the store, by this process's clock. */
  readonly asOfMs: number
  /** On the store's clock. */
  readonly freshUntilMs: number
  /** What it is taken to occupy. */
  readonly size: number
  /** Since it was last passed over for eviction. */
  wasUsed = false
  /** The same on its own. */
  readonly #endsMs: number
  readonly #attribute: string | undefined
  readonly #kept: Promise<unknown> | { readonly kind: number; readonly bytes: Buffer }

  constructor(key: string, held: readonly HeldToken[], content: NearContent) {
    const { head, value, asOfMs, offsetMs = 0 } = content
    const { kind, bytes } = head
    const isJson = kind === VALUE_KIND.json
    this.key = key
    this.asOfMs = asOfMs
    this.held = held
    this.size = key.length + OVERHEAD_BYTES + bytes.length * (isJson ? PARSED_FACTOR : 1)
    this.freshUntilMs = head.freshUntilMs
    this.#endsMs = head.freshUntilMs - offsetMs
    this.#attribute = head.attribute
    // Dates, Maps and Buffers cannot be frozen: everybody gets his own.
    const isShared = isJson || kind === VALUE_KIND.text
    this.#kept = isShared ? Promise.resolve(deepFrozen(value)) : { kind, bytes: Buffer.from(bytes) }
  }

  /** The value. Where it is shared it was made once and for all: such a hit makes no promise either. */
  get value(): Promise<unknown> {
    const kept = this.#kept
    if (kept instanceof Promise) return kept
    return Promise.resolve(decodeValue(kept.kind, Buffer.from(kept.bytes)))
  }

  /** Whether it may be served as far as this process knows; `nowMs` on its own clock. */
  isUsable(attribute: string | undefined, nowMs: number): boolean {
    for (const { known } of this.held) if (!known.isCurrent) return false
    if (this.#endsMs <= nowMs) return false
    const made = this.#attribute
    return attribute === undefined || made === undefined || attribute === made
  }
}
