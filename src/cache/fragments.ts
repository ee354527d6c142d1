import { InvalidOptionError, quoted, StoreUnavailableError } from '../core/errors'
import type { Events } from '../core/events'
import type { LoadFlight, SingleFlight } from '../core/single-flight'
import type { Subject } from '../core/subject'
import type { MissReason, SweeperEvents } from '../core/sweeper-events'
import { encodeValue } from '../core/value-codec'
import { MIN_TOKEN_LIFE_MS } from '../store/token'
import type { Pin, Pins } from '../version/pins'
import type { Reading } from '../version/token-reader'
import { answerTo, valueOf, type Answer, type Looked, type Made } from './answers'
import { FactoryBatch } from './factory-batch'
import type { Filling } from './filling'
import { subjectLabel, type Fragment } from './fragment'
import { addedTokens, Load, type FactoryContext } from './load'
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
  readonly factory: (load: Load<On>) => unknown
  /** The load of the value that this one becomes a part of. */
  readonly partOf?: FactoryContext<On> | undefined
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
    const partOf = this.#outerOf(asking)
    const looked = await this.#look(asking)
    if (looked.hit) {
      partOf?.include(looked.added, false)
      return looked.value
    }
    const made = await looked.load()
    partOf?.include(made.added, made.isSkipped)
    return valueOf(made)
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
    const answers = await this.getAll(
      asked.map(({ subject, fragment }) => ({
        fragment,
        fresh: false,
        transaction,
        factory: () => batch.load(fragment.entryKey, subject),
      })),
    )
    return answers.map(({ value }) => value)
  }

  /** The same with a factory of its own for each; those of one entry are asked for once. */
  async getAll(asked: readonly Asking<On>[]): Promise<readonly Answer[]> {
    const looking = new Map<string, Promise<Looked>>()
    for (const asking of asked) {
      const { entryKey } = asking.fragment
      if (!looking.has(entryKey)) looking.set(entryKey, this.#look(asking))
    }
    // All look-ups first: what is missing is then loaded together, whether its tokens were there or had to be made.
    const looked = await Promise.all(looking.values())
    const answers = await Promise.all(looked.map(answerTo))
    const places = new Map([...looking.keys()].map((entryKey, at) => [entryKey, at]))
    return asked.flatMap(({ fragment }) => answers[places.get(fragment.entryKey) ?? -1] ?? [])
  }

  /** @throws {InvalidOptionError} SWEEPER_INVALID_OPTION: tokens of another Sweeper mean nothing to this one's entries */
  #outerOf({ fragment, partOf }: Asking<On>): Load<On> | undefined {
    if (partOf === undefined) return undefined
    if (partOf instanceof Load && partOf.isPinnedBy(this.#parts.pins)) return partOf as Load<On>
    throw new InvalidOptionError(
      `getOrSet ${quoted(fragment.name)}: partOf is no load of this Sweeper; give what the outer value's factory was called with`,
    )
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
      const own = addedTokens(fragment.tokens, found.reading.tokens)
      return { hit: true, value: found.value, added: [own, ...found.added] }
    }
    const pin = await this.#complete(fragment, found.reading)
    if (pin === undefined) return { hit: false, load: () => this.#withoutStore(asking, startedMs) }
    this.#miss(fragment, found.hit ? 'fresh' : found.reason, startedMs)
    return { hit: false, load: () => this.#share(asking, pin) }
  }

  /**
   * Callers share a load only if they saw the same tokens, marks included (consistency H26b). Under marks also only if
   * it began after they came: a COMMIT may have come before them that the load did not see, while they did elsewhere.
   */
  async #share(asking: Asking<On>, pin: Pin): Promise<Made> {
    const { fragment, fresh, transaction } = asking
    if (fresh || isNameless(transaction)) return this.#load(asking, pin, NEVER_ABORTED)
    const { flights, loadTimeoutMs } = this.#parts
    const key = `${flightKey(asking)}\n${pin.seen}`
    const load = (flight: LoadFlight): Promise<Made> => this.#load(asking, pin, flight)
    return pin.marked
      ? flights.runQueued(key, fragment.name, load, { timeoutMs: loadTimeoutMs })
      : flights.run(key, fragment.name, load, { timeoutMs: loadTimeoutMs })
  }

  async #load(asking: Asking<On>, pin: Pin, flight: LoadFlight): Promise<Made> {
    const { fragment, transaction, factory } = asking
    const { pins, filling, sharedRunner, resolve } = this.#parts
    const load = new Load<On>(fragment, flight, pins, tokenLifeMs(fragment.ttlMs), resolve)
    const wasQuiet = sharedRunner().begin()
    const startedMs = performance.now()
    const value: unknown = await factory(load)
    const added = [{ subjects: fragment.subjects, pin }, ...load.added]
    const made = { added, isSkipped: load.isSkipped }
    if (value === undefined) return { ...made, encoded: undefined }
    const encoded = encodeValue(value, { key: fragment.name })
    if (!transaction.isOpen && wasQuiet()) {
      const loadMs = performance.now() - startedMs
      filling.store({ fragment, pin, load, value: encoded, loadMs })
    }
    return { ...made, encoded }
  }

  /** The store does not answer: load, and share only with callers who came before the load began. */
  async #withoutStore(asking: Asking<On>, startedMs: number): Promise<Made> {
    const { fragment } = asking
    this.#miss(fragment, 'store', startedMs)
    const unstored = { ...asking, transaction: NOT_STORED }
    if (isNameless(asking.transaction)) return this.#load(unstored, NO_PIN, NEVER_ABORTED)
    return this.#parts.flights.runQueued(
      flightKey(asking),
      fragment.name,
      (flight) => this.#load(unstored, NO_PIN, flight),
      { timeoutMs: this.#parts.loadTimeoutMs },
    )
  }

  async #loadOnly(asking: Asking<On>, reason: MissReason): Promise<Made> {
    this.#miss(asking.fragment, reason, performance.now())
    return this.#load(asking, NO_PIN, NEVER_ABORTED)
  }

  async #complete({ tokens, ttlMs }: Fragment, reading: Reading): Promise<Pin | undefined> {
    try {
      return await this.#parts.pins.complete(tokens, reading, tokenLifeMs(ttlMs))
    } catch (error) {
      if (!(error instanceof StoreUnavailableError)) throw error
      return undefined
    }
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

/** What is loaded in a transaction may be older than what others have to see: only its own callers share it. */
function flightKey({
  fragment,
  transaction,
}: Pick<Asking<never>, 'fragment' | 'transaction'>): string {
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
