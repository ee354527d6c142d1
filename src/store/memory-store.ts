import { randomBytes } from 'node:crypto'
import { type Clock, systemClock } from '../core/clock'
import { InvalidOptionError, quoted } from '../core/errors'
import { markOwner, wholeLife } from './command-arguments'
import { LruMap } from './lru-map'
import { MemoryPush } from './memory-push'
import type { Push, PushingStore, PushListener } from './push'
import { warnOfSeveralProcesses } from './several-processes'
import type { EntryWrite, Store, StoreClock, StoreReply, TokenSweep } from './store'
import { parseToken, type TokenState } from './token'
import { mark, mint, type Moment, type Slot, sweep, unmark } from './token-machine'

/** How much a MemoryStore holds; what was not used for longest goes first. */
export interface MemoryStoreOptions {
  /** At most this many entries; tokens are bounded by `maxBytes` alone. @default 100_000 */
  readonly maxEntries?: number
  /** What entries and tokens may take together, in bytes; tokens at most half of it. @default 128 MiB */
  readonly maxBytes?: number
  /** Where the time comes from; for tests. @default the machine's clock */
  readonly clock?: Clock
}

interface HeldToken extends Slot {
  /** Read once per change instead of once per read. */
  readonly state: TokenState
}

const DEFAULTS = { maxEntries: 100_000, maxBytes: 128 * 1024 * 1024, clock: systemClock }

/** What the strings of a token's text and state take, as multiples of its text; with the rest 640 bytes, as measured. */
const TEXTS_PER_TOKEN = 5

/** The clock alone makes the tokens of one process unique. */
const NONCE = 'm'

/**
 * Keeps tokens and entries in this process: no server, no round trip. For applications of one process only, as each
 * process sweeps only itself; it warns when it finds itself in one of several.
 *
 * Bounded: what was used longest ago goes first, entries before tokens. A lost token costs misses, never a stale read.
 *
 * @throws {InvalidOptionError} SWEEPER_INVALID_OPTION for a bound that is no whole number from 1
 * @example
 * new Sweeper(dataSource, { store: new MemoryStore({ maxBytes: 512 * 1024 * 1024 }) })
 */
export class MemoryStore implements Store, PushingStore {
  readonly name = 'memory'
  readonly #epoch = randomBytes(9).toString('base64url')
  readonly #clock: Clock
  readonly #maxBytes: number
  readonly #entries: LruMap<Buffer>
  readonly #tokens: LruMap<HeldToken>
  readonly #push = new MemoryPush()
  #lastUs = 0

  constructor(options: MemoryStoreOptions = {}) {
    const { maxEntries, maxBytes, clock } = { ...DEFAULTS, ...options }
    checkBound('maxEntries', maxEntries)
    checkBound('maxBytes', maxBytes)
    this.#clock = clock
    this.#maxBytes = maxBytes
    this.#entries = new LruMap({ maxCount: maxEntries, maxBytes })
    this.#tokens = new LruMap({ maxCount: Infinity, maxBytes: maxBytes / 2 })
    warnOfSeveralProcesses()
  }

  async read(tokenKeys: readonly string[], entryKeys: readonly string[]): Promise<StoreReply> {
    const nowMs = this.#clock.now()
    return {
      tokens: tokenKeys.map((key) => this.#tokens.get(key, nowMs)?.state),
      entries: entryKeys.map((key) => copyOf(this.#entries.get(key, nowMs))),
    }
  }

  async mint(tokenKeys: readonly string[], lifeMs: number): Promise<readonly TokenState[]> {
    const at = this.#moment()
    const life = wholeLife(lifeMs)
    return tokenKeys.map((key) => {
      const before = this.#tokens.get(key, at.ms)
      return before === undefined ? this.#keep(key, mint(before, life, at)) : before.state
    })
  }

  async write(entries: readonly EntryWrite[]): Promise<void> {
    const nowMs = this.#clock.now()
    for (const { key, value, lifeMs, tokenKeys } of entries) {
      if (!(lifeMs > 0)) continue
      const endsMs = nowMs + wholeLife(lifeMs)
      this.#entries.set(key, ownCopyOf(value), { endsMs, bytes: value.length })
      for (const tokenKey of tokenKeys) this.#prolong(tokenKey, endsMs)
    }
  }

  async remove(entryKeys: readonly string[]): Promise<void> {
    for (const key of entryKeys) this.#entries.delete(key)
  }

  async mark(
    tokenKeys: readonly string[],
    owner: string,
    lastsMs: number,
  ): Promise<readonly (TokenState | undefined)[]> {
    const at = this.#moment()
    const own = markOwner(owner, lastsMs, at.ms)
    const found = tokenKeys.map((key) => this.#change(key, at, (slot) => mark(slot, own, at)))
    this.#push.moved(tokenKeys)
    return found
  }

  async unmark(tokenKeys: readonly string[], owner: string): Promise<void> {
    const at = this.#moment()
    for (const key of tokenKeys) this.#change(key, at, (slot) => unmark(slot, owner, at))
  }

  async sweep(
    sweeps: readonly TokenSweep[],
    owner?: string,
  ): Promise<readonly (TokenState | undefined)[]> {
    const at = this.#moment()
    const found = sweeps.map(({ key, row }) =>
      this.#change(key, at, (slot) => sweep(slot, { row, owner }, at)),
    )
    this.#push.moved(sweeps.map(({ key }) => key))
    return found
  }

  /** No round trip: a move is told before whoever made it goes on. */
  listen(namespace: string, listener: PushListener): Push {
    return this.#push.listen(namespace, listener)
  }

  /** The machine's own clock. */
  clock(): StoreClock {
    return { offsetMs: 0, errorMs: 0 }
  }

  async close(): Promise<void> {
    // Nothing to let go of: no listeners, no timers.
  }

  /** Answers what was there before. */
  #change(
    key: string,
    at: Moment,
    transition: (slot: Slot | undefined) => Slot | undefined,
  ): TokenState | undefined {
    const before = this.#tokens.get(key, at.ms)
    const after = transition(before)
    if (after === undefined) this.#forget(key)
    else if (after !== before) this.#keep(key, after)
    return before?.state
  }

  #keep(key: string, { text, endsMs }: Slot): TokenState {
    const state = parseToken(text, this.#epoch)
    if (state === undefined) throw new Error(`memory store: "${text}" is no token`)
    this.#tokens.set(key, { text, endsMs, state }, { endsMs, bytes: text.length * TEXTS_PER_TOKEN })
    this.#entries.maxBytes = this.#maxBytes - this.#tokens.bytes
    return state
  }

  #forget(key: string): void {
    this.#tokens.delete(key)
    this.#entries.maxBytes = this.#maxBytes - this.#tokens.bytes
  }

  #prolong(key: string, endsMs: number): void {
    const held = this.#tokens.get(key, this.#clock.now())
    if (held === undefined || held.endsMs >= endsMs || held.state.marked) return
    this.#keep(key, { text: held.text, endsMs })
  }

  /** Births never repeat, whatever the clock does; lives and deadlines are compared with the clock as it is. */
  #moment(): Moment {
    const ms = Math.floor(this.#clock.now())
    this.#lastUs = Math.max(this.#lastUs + 1, ms * 1000)
    return { us: this.#lastUs, ms, nonce: NONCE }
  }
}

function checkBound(option: string, value: number): void {
  if (Number.isInteger(value) && value >= 1) return
  throw new InvalidOptionError(
    `MemoryStore: ${option} is ${quoted(value)}; give a whole number from 1`,
  )
}

/** Not a view: what a caller does to the value it was given must not reach the next one. */
function copyOf(value: Buffer | undefined): Buffer | undefined {
  return value === undefined ? undefined : Buffer.from(value)
}

/** Not from Node's pool: eight kilobytes would live as long as the smallest value in them. */
function ownCopyOf(value: Buffer): Buffer {
  const copy = Buffer.allocUnsafeSlow(value.length)
  value.copy(copy)
  return copy
}
