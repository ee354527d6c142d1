import { StoreUnavailableError } from '../core/errors'
import type { LoadFlight, SingleFlight } from '../core/single-flight'
import type { Subject } from '../core/subject'
import { encodeValue } from '../core/value-codec'
import { MIN_TOKEN_LIFE_MS } from '../store/token'
import type { Pin, Pins } from '../version/pins'
import type { Made } from './answers'
import type { Asking } from './asking'
import type { Filling } from './filling'
import { tokensOf, type Fragment } from './fragment'
import { addedTokens, Load, UNPINNED } from './load'
import type { Hit } from './found'
import { ELSEWHERE, type Leases } from './leases'
import type { LoadedAnew } from './shadow-check'
import type { SharedRunnerWatch, TransactionView } from './transaction-view'

export interface LoadingParts<On> {
  readonly pins: Pins
  readonly filling: Filling
  readonly flights: SingleFlight
  readonly leases: Leases
  readonly sharedRunner: () => SharedRunnerWatch
  readonly loadTimeoutMs: number
  /** Undefined where it cannot be told whose they are. */
  resolve(on: On): readonly Subject[] | undefined
}

/** A value that was swept or is over, and for how long it has been. */
export interface Stale {
  readonly forMs: number
  readonly made: Made
}

/** Calls factories, once for all callers who may share what they make, and hands it to be stored. */
export class Loading<On> {
  readonly #parts: LoadingParts<On>

  constructor(parts: LoadingParts<On>) {
    this.#parts = parts
  }

  /**
   * Callers share a load only if they saw the same tokens, marks included (consistency H26b). Under marks also only if
   * it began after they came: a COMMIT may have come before them that the load did not see, while they did elsewhere.
   */
  async shared(asking: Asking<On>, pin: Pin, stale: Stale | undefined): Promise<Made> {
    const { fragment, fresh, transaction } = asking
    if (fresh || isNameless(transaction)) return this.#load(asking, pin, NEVER_ABORTED)
    const { flights, loadTimeoutMs } = this.#parts
    const isLeased = fragment.leaseMs > 0 && !pin.marked && !transaction.isOpen
    // Who may be given what is stale, and who may not, do not share what another process's lease leaves them with.
    const key = sharedKey(asking, pin) + (isLeased && stale !== undefined ? GRACED : '')
    let isOwn = false
    const load = (flight: LoadFlight): Promise<Made> => {
      isOwn = true
      return isLeased ? this.#leased(asking, pin, flight, stale) : this.#load(asking, pin, flight)
    }
    const made = pin.marked
      ? await flights.runQueued(key, fragment.name, load, { timeoutMs: loadTimeoutMs })
      : await flights.run(key, fragment.name, load, { timeoutMs: loadTimeoutMs })
    if (isOwn || (await this.#isCurrent(made))) return made
    return this.#load(asking, pin, NEVER_ABORTED)
  }

  /** Whether somebody is loading what these tokens stand for. */
  isUnderWay(asking: Asking<On>, pin: Pin): boolean {
    const key = sharedKey(asking, pin)
    return this.#parts.flights.isRunning(key) || this.#parts.flights.isRunning(key + GRACED)
  }

  /** The store does not answer: load, and share only with callers who came before the load began. */
  async withoutStore(asking: Asking<On>): Promise<Made> {
    const { fragment } = asking
    const unstored = { ...asking, transaction: NOT_STORED }
    if (isNameless(asking.transaction)) return this.#load(unstored, UNPINNED, NEVER_ABORTED)
    return this.#parts.flights.runQueued(
      flightKey(asking),
      fragment.name,
      (flight) => this.#load(unstored, UNPINNED, flight),
      { timeoutMs: this.#parts.loadTimeoutMs },
    )
  }

  /** Not shared, and not stored. */
  unstored(asking: Asking<On>): Promise<Made> {
    return this.#load(asking, UNPINNED, NEVER_ABORTED)
  }

  /** Calls the factory once more, to compare: not shared, not stored, not told. */
  async anew({ fragment, factory }: Asking<On>, signal: AbortSignal): Promise<LoadedAnew> {
    const { pins, sharedRunner, resolve } = this.#parts
    const load = new Load<On>(fragment, { signal }, pins, tokenLifeMs(fragment.ttlMs), resolve)
    load.keepNothing()
    const wasQuiet = sharedRunner().begin()
    const value: unknown = await factory(load)
    if (load.isDeclined || !wasQuiet()) return undefined
    return { encoded: value === undefined ? undefined : encodeValue(value, { key: fragment.name }) }
  }

  /**
   * Whether a load that others began may be served to who joined it. What it has come to depend on while it ran is not
   * in the name that it is shared by, and may have been written before they came. No round trip where there is no such
   * thing; else 1 (consistency H26b).
   */
  async #isCurrent({ added: [, ...later] }: Made): Promise<boolean> {
    if (later.length === 0) return true
    if (later.some(({ pin }) => pin === UNPINNED)) return false
    const tokens = later.flatMap(({ subjects }) => tokensOf(subjects))
    const stamps = later.flatMap(({ pin }) => pin.stamps)
    try {
      const now = await this.#parts.pins.pin(tokens, MIN_TOKEN_LIFE_MS)
      return now.stamps.every((stamp, at) => stamp === stamps[at])
    } catch (error) {
      if (!(error instanceof StoreUnavailableError)) throw error
      return false
    }
  }

  /** Loads if no other process is loading; else takes what that one makes, or meanwhile what is stale. */
  async #leased(
    asking: Asking<On>,
    pin: Pin,
    flight: LoadFlight,
    stale: Stale | undefined,
  ): Promise<Made> {
    const { fragment } = asking
    const lease = await this.#parts.leases.take(fragment, pin, { wait: stale === undefined })
    if (lease === ELSEWHERE) return stale?.made ?? this.#load(asking, pin, flight)
    if ('made' in lease) return madeOf(fragment, lease.made)
    let filled: Promise<void> = Promise.resolve()
    try {
      return await this.#load(asking, pin, flight, (filling) => {
        filled = filling
      })
    } finally {
      // Whoever waits for the lease finds the value first.
      void filled.then(() => lease.release())
    }
  }

  async #load(
    asking: Asking<On>,
    pin: Pin,
    flight: LoadFlight,
    onFill: (filling: Promise<void>) => void = ignored,
  ): Promise<Made> {
    const { fragment, transaction, factory, isFromPrimary } = asking
    const { pins, filling, sharedRunner, resolve } = this.#parts
    const load = new Load<On>(fragment, flight, pins, tokenLifeMs(fragment.ttlMs), resolve)
    if (pin === UNPINNED || transaction.isOpen) load.keepNothing()
    const wasQuiet = sharedRunner().begin()
    const startedMs = performance.now()
    const value: unknown = await factory(load)
    const added = [{ subjects: fragment.subjects, pin }, ...load.added]
    const made = { added, isSkipped: load.isSkipped }
    if (value === undefined) return { ...made, encoded: undefined }
    const encoded = encodeValue(value, { key: fragment.name })
    if (!transaction.isOpen && wasQuiet()) {
      const loadMs = performance.now() - startedMs
      onFill(filling.store({ fragment, pin, load, value: encoded, loadMs, isFromPrimary }))
    }
    return { ...made, encoded }
  }
}

/** Its own tokens first, as a load has them. */
function madeOf({ tokens }: Fragment, { head: { kind, bytes }, seen }: Hit): Made {
  const added = [addedTokens(seen.slice(0, tokens.length))]
  const later = seen.slice(tokens.length)
  if (later.length > 0) added.push(addedTokens(later))
  return { encoded: { kind, bytes }, added, isSkipped: false }
}

/** A fill is not waited for, and never rejects. */
function ignored(): void {
  // See above.
}

const GRACED = '\ngrace'

function sharedKey(asking: Pick<Asking<never>, 'fragment' | 'transaction'>, pin: Pin): string {
  return `${flightKey(asking)}\n${pin.seen}`
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
export function tokenLifeMs(ttlMs: number): number {
  return Math.max(MIN_TOKEN_LIFE_MS, ttlMs * 4)
}

const NOT_STORED: TransactionView = { isOpen: true, hasWritten: false }
const NEVER_ABORTED: LoadFlight = { signal: new AbortController().signal }
