import type { SubjectToken } from '../core/subject'
import type { TokenState } from '../store/token'
import { type HeldToken, NearEntry, type NearContent, type NearToken } from './near-entry'

/** Beyond this many moves remembered, reads under way are not kept instead. */
const MAX_MOVES = 10_000

export interface NearLimits {
  readonly maxEntries: number
  readonly maxBytes: number
}

/** A token that was read. */
export interface TokenSeen {
  readonly token: SubjectToken
  readonly state: TokenState
}

/** When a read was sent: what it finds may be kept only if none of its tokens has moved since. */
export type Since = number & { readonly since: unique symbol }

/** How full a near tier is. */
export interface NearTierState {
  readonly entries: number
  readonly bytes: number
  /** False while the store's pushes do not arrive: then it is empty and switched off. */
  readonly isListening: boolean
}

/**
 * Entries and tokens in this process, kept honest by what the store pushes.
 *
 * Bounded by entries and bytes. Room is made in the order of arrival, with a second chance for what was used since
 * (the clock of operating systems): a hit writes one flag and moves nothing.
 */
export class NearTier {
  readonly #entries = new Map<string, NearEntry>()
  // One iterator for good, as in LruMap: a new one would pass over the holes of all that was evicted before.
  #eldest = this.#entries.values()
  readonly #tokens = new Map<string, NearToken>()
  readonly #limits: NearLimits
  #bytes = 0
  #isListening = false
  /** Counts moves. */
  #now = 0
  /** Reads sent before it are not kept. */
  #floor = 0
  readonly #movedAt = new Map<string, number>()

  constructor(limits: NearLimits) {
    this.#limits = limits
  }

  /** False while moves may go unheard: nothing is here then, and nothing is kept. */
  get isListening(): boolean {
    return this.#isListening
  }

  get size(): number {
    return this.#entries.size
  }

  get bytes(): number {
    return this.#bytes
  }

  listening(): void {
    this.clear()
    this.#isListening = true
  }

  deaf(): void {
    this.#isListening = false
    this.clear()
  }

  /** Also makes what is being read at the moment unfit to be kept. */
  clear(): void {
    for (const token of this.#tokens.values()) token.isCurrent = false
    this.#tokens.clear()
    this.#entries.clear()
    this.#eldest = this.#entries.values()
    this.#bytes = 0
    this.#forgetMoves()
  }

  /** Somebody marked or swept these tokens. */
  moved(keys: readonly string[]): void {
    this.#now++
    if (this.#movedAt.size + keys.length > MAX_MOVES) this.#forgetMoves()
    for (const key of keys) {
      this.#movedAt.set(key, this.#now)
      const token = this.#tokens.get(key)
      if (token === undefined) continue
      token.isCurrent = false
      this.#tokens.delete(key)
    }
  }

  /** To be called before a read is sent. */
  now(): Since {
    return this.#now as Since
  }

  /** What is here and was not moved, as far as this process knows. */
  find(key: string, attribute: string | undefined, nowMs: number): NearEntry | undefined {
    const entry = this.#entries.get(key)
    if (entry === undefined) return undefined
    if (entry.isUsable(attribute, nowMs)) {
      entry.wasUsed = true
      return entry
    }
    // An attribute may be another caller's; what was moved or is over is of no use to anybody.
    if (!entry.isUsable(undefined, nowMs)) this.#drop(entry)
    return undefined
  }

  /**
   * Keeps what a read found.
   *
   * A push can overtake the reply to a read that was sent before it, so a token that moved since then is not
   * believed (consistency H16: 2538 of 3000 forced races stayed stale without this rule).
   */
  keep(key: string, seen: readonly TokenSeen[], content: NearContent, since: Since): void {
    if (!this.#isListening || since < this.#floor) return
    if (seen.some(({ token, state }) => state.marked || this.#hasMovedSince(token.key, since)))
      return
    const before = this.#entries.get(key)
    if (before !== undefined) this.#drop(before)
    const entry = new NearEntry(
      key,
      seen.map((one) => this.#hold(one)),
      content,
    )
    this.#entries.set(key, entry)
    this.#bytes += entry.size
    this.#makeRoom()
  }

  #hasMovedSince(key: string, since: Since): boolean {
    return (this.#movedAt.get(key) ?? -1) > since
  }

  #hold({ token, state }: TokenSeen): HeldToken {
    const { key } = token
    let known = this.#tokens.get(key)
    if (known === undefined || known.state.seen !== state.seen) {
      // The store lost the token and made another: both are right until the next move, which has to reach all.
      if (known !== undefined) known.isCurrent = false
      known = { key, state, isCurrent: true, uses: 0 }
      this.#tokens.set(key, known)
    }
    known.uses++
    return { token, known }
  }

  #drop(entry: NearEntry): void {
    this.#entries.delete(entry.key)
    this.#bytes -= entry.size
    for (const { known } of entry.held) {
      known.uses--
      if (known.uses === 0 && this.#tokens.get(known.key) === known) this.#tokens.delete(known.key)
    }
  }

  #makeRoom(): void {
    const { maxEntries, maxBytes } = this.#limits
    while (this.#entries.size > maxEntries || this.#bytes > maxBytes) {
      const next = this.#eldest.next()
      if (next.done === true) {
        this.#eldest = this.#entries.values()
        continue
      }
      const entry = next.value
      if (entry.wasUsed) this.#giveSecondChance(entry)
      else this.#drop(entry)
    }
  }

  #giveSecondChance(entry: NearEntry): void {
    entry.wasUsed = false
    this.#entries.delete(entry.key)
    this.#entries.set(entry.key, entry)
  }

  #forgetMoves(): void {
    this.#floor = ++this.#now
    this.#movedAt.clear()
  }
}
