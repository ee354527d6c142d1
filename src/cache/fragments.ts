import { StoreUnavailableError } from '../core/errors'
import type { Events } from '../core/events'
import type { LoadFlight, SingleFlight } from '../core/single-flight'
import type { Subject } from '../core/subject'
import type { MissReason, SweeperEvents } from '../core/sweeper-events'
import { decodeValue, encodeValue, type EncodedValue } from '../core/value-codec'
import { MIN_TOKEN_LIFE_MS } from '../store/token'
import type { Pin, Pins } from '../version/pins'
import type { Reading } from '../version/token-reader'
import { FactoryBatch } from './factory-batch'
import type { Filling } from './filling'
import { subjectLabel, type Fragment } from './fragment'
import { Load, type FactoryContext } from './load'
import { NO_STORE, type Lookup } from './lookup'
import type { SharedRunnerWatch, TransactionView } from './transaction-view'

export interface FragmentParts<On> {
  readonly lookup: Lookup
  readonly pins: Pins
  readonly filling: Filling
  readonly flights: SingleFlight
  readonly events: Events<SweeperEvents>
  readonly sharedRunner: () => SharedRunnerWatch
  readonly loadTimeoutMs: number
  resolve(on: On): readonly Subject[]
}

/** How one value is asked for. */
export interface Asking<On> {
  readonly fragment: Fragment
  readonly fresh: boolean
  readonly transaction: TransactionView
  readonly factory: (context: FactoryContext<On>) => unknown
}

/**
 * Reading through: a hit, or a load shared by all callers who saw the same tokens.
 *
 * The order is what keeps it right: tokens first (missing ones are made), then the factory, then the fill under
 * those tokens. Nothing is locked and nothing is compared in the store.
 */
export class Fragments<On> {
  readonly #parts: FragmentParts<On>

  constructor(parts: FragmentParts<On>) {
    this.#parts = parts
  }

  /** A hit: 1 round trip. A miss: 1, 2 if a token was missing; then the factory; then a fill nobody waits for. */
  async getOrSet(asking: Asking<On>): Promise<unknown> {
    const looked = await this.#look(asking)
    return looked.hit ? looked.value : looked.load()
  }

  /** What is there, or undefined. 1 round trip. */
  async get(fragment: Fragment, transaction: TransactionView): Promise<unknown> {
    if (transaction.hasWritten) return undefined
    const startedMs = performance.now()
    const found = await this.#parts.lookup.find(fragment)
    if (found !== NO_STORE && found.hit) {
      this.#hit(fragment, startedMs)
      return found.value
    }
    this.#miss(fragment, found === NO_STORE ? 'store' : found.reason, startedMs)
    return undefined
  }

  /**
   * Many at once, in order: 1 round trip for all, 2 if tokens were missing; then one call of the factory
   * with the missing subjects, each once.
   */
  async getOrSetMany<S>(
    asked: readonly { readonly subject: S; readonly fragment: Fragment }[],
    transaction: TransactionView,
    factory: (missing: S[]) => unknown,
  ): Promise<unknown[]> {
    const batch = new FactoryBatch(asked[0]?.fragment.name ?? '', factory)
    const looking = new Map<string, Promise<Looked>>()
    for (const { subject, fragment } of asked) {
      if (looking.has(fragment.entryKey)) continue
      const load = (): unknown => batch.load(fragment.entryKey, subject)
      looking.set(
        fragment.entryKey,
        this.#look({ fragment, fresh: false, transaction, factory: load }),
      )
    }
    // All look-ups first: what is missing is then loaded together, whether its tokens were there or had to be made.
    await Promise.all(looking.values())
    const values = new Map<string, Promise<unknown>>()
    for (const [entryKey, look] of looking) {
      const looked = await look
      values.set(entryKey, looked.hit ? Promise.resolve(looked.value) : looked.load())
    }
    const inOrder = asked.map(async ({ fragment }) => values.get(fragment.entryKey))
    return Promise.all(inOrder)
  }

  /** Looks, and pins what a load will need; the load itself is the caller's to start. */
  async #look(asking: Asking<On>): Promise<Looked> {
    const { fragment, fresh, transaction } = asking
    if (transaction.hasWritten)
      return { hit: false, load: () => this.#loadOnly(asking, 'transaction') }
    const startedMs = performance.now()
    const found = await this.#parts.lookup.find(fragment)
    if (found === NO_STORE) return { hit: false, load: () => this.#withoutStore(asking, startedMs) }
    if (found.hit && !fresh) {
      this.#hit(fragment, startedMs)
      return { hit: true, value: found.value }
    }
    const pin = await this.#complete(fragment, found.reading)
    if (pin === undefined) return { hit: false, load: () => this.#withoutStore(asking, startedMs) }
    this.#miss(fragment, found.hit ? 'fresh' : found.reason, startedMs)
    return { hit: false, load: () => this.#share(asking, pin) }
  }

  /** Callers share a load only if they saw the same tokens, marks included (consistency H26b). */
  async #share(asking: Asking<On>, pin: Pin): Promise<unknown> {
    const { fragment, fresh, transaction } = asking
    if (fresh || isNameless(transaction))
      return this.#valueOf(await this.#load(asking, pin, NEVER_ABORTED))
    const encoded = await this.#parts.flights.run(
      `${flightKey(asking)}\n${pin.seen}`,
      fragment.name,
      (flight) => this.#load(asking, pin, flight),
      { timeoutMs: this.#parts.loadTimeoutMs },
    )
    return this.#valueOf(encoded)
  }

  async #load(asking: Asking<On>, pin: Pin, flight: LoadFlight): Promise<EncodedValue | undefined> {
    const { fragment, transaction, factory } = asking
    const { pins, filling, sharedRunner, resolve } = this.#parts
    const load = new Load<On>(fragment, flight, pins, tokenLifeMs(fragment.ttlMs), resolve)
    const wasQuiet = sharedRunner().begin()
    const startedMs = performance.now()
    const value: unknown = await factory(load)
    if (value === undefined) return undefined
    const encoded = encodeValue(value, { key: fragment.name })
    if (!transaction.isOpen && wasQuiet()) {
      const loadMs = performance.now() - startedMs
      filling.store({ fragment, pin, load, value: encoded, loadMs })
    }
    return encoded
  }

  /** The store does not answer: load, and share only with callers who came before the load began. */
  async #withoutStore(asking: Asking<On>, startedMs: number): Promise<unknown> {
    const { fragment } = asking
    this.#miss(fragment, 'store', startedMs)
    const unstored = { ...asking, transaction: NOT_STORED }
    if (isNameless(asking.transaction))
      return this.#valueOf(await this.#load(unstored, NO_PIN, NEVER_ABORTED))
    return this.#valueOf(
      await this.#parts.flights.runQueued(
        flightKey(asking),
        fragment.name,
        (flight) => this.#load(unstored, NO_PIN, flight),
        { timeoutMs: this.#parts.loadTimeoutMs },
      ),
    )
  }

  async #loadOnly(asking: Asking<On>, reason: MissReason): Promise<unknown> {
    this.#miss(asking.fragment, reason, performance.now())
    return this.#valueOf(await this.#load(asking, NO_PIN, NEVER_ABORTED))
  }

  async #complete({ tokens, ttlMs }: Fragment, reading: Reading): Promise<Pin | undefined> {
    try {
      return await this.#parts.pins.complete(tokens, reading, tokenLifeMs(ttlMs))
    } catch (error) {
      if (!(error instanceof StoreUnavailableError)) throw error
      return undefined
    }
  }

  /** Every caller gets a value of his own, of the shape a hit would have. */
  #valueOf(encoded: EncodedValue | undefined): unknown {
    return encoded && decodeValue(encoded.kind, encoded.bytes)
  }

  #hit(fragment: Fragment, startedMs: number): void {
    this.#parts.events.emit('hit', () => ({
      subject: subjectLabel(fragment.subjects),
      key: fragment.name,
      durationMs: performance.now() - startedMs,
    }))
  }

  #miss(fragment: Fragment, reason: MissReason, startedMs: number): void {
    this.#parts.events.emit('miss', () => ({
      subject: subjectLabel(fragment.subjects),
      key: fragment.name,
      reason,
      durationMs: performance.now() - startedMs,
    }))
  }
}

/** What a look came to: a value, or how to get one. */
type Looked =
  | { readonly hit: true; readonly value: unknown }
  | { readonly hit: false; readonly load: () => Promise<unknown> }

/** What is loaded in a transaction may be older than what others have to see: only its own callers share it. */
function flightKey({ fragment, transaction }: Asking<never>): string {
  return transaction.isOpen ? `${fragment.entryKey}\n${transaction.name}` : fragment.entryKey
}

function isNameless({ isOpen, name }: TransactionView): boolean {
  return isOpen && name === undefined
}

/** A token outlives the entries made under it, by enough that its end rarely costs a miss. */
function tokenLifeMs(ttlMs: number): number {
  return Math.max(MIN_TOKEN_LIFE_MS, ttlMs * 4)
}

const NO_PIN: Pin = { states: [], stamps: [], marked: true, seen: '' }
const NOT_STORED: TransactionView = { isOpen: true, hasWritten: false }
const NEVER_ABORTED: LoadFlight = { signal: new AbortController().signal }
