import { InvalidOptionError, quoted, StoreUnavailableError } from '../core/errors'
import type { Events } from '../core/events'
import type { MissReason, SweeperEvents } from '../core/sweeper-events'
import type { Pin, Pins } from '../version/pins'
import type { Reading } from '../version/token-reader'
import { answerTo, valueOf, type Answer, type Looked, type Made } from './answers'
import type { Asking } from './asking'
import { FactoryBatch } from './factory-batch'
import type { Grace } from './grace'
import { subjectLabel, type Fragment } from './fragment'
import { addedTokens, Load } from './load'
import { type Loading, type Stale, tokenLifeMs } from './loading'
import { NO_STORE, type Found, type Lookup, type Miss } from './lookup'
import type { NearHit, NearLookup } from './near-lookup'
import type { TransactionView } from './transaction-view'

export interface FragmentParts<On> {
  readonly lookup: Lookup
  readonly near: NearLookup | undefined
  readonly pins: Pins
  readonly loading: Loading<On>
  readonly grace: Grace
  readonly events: Events<SweeperEvents>
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

  /**
   * A hit: 1 round trip, none if the near tier may serve it. A miss: 1, 2 if a token was missing; then the factory;
   * then a fill nobody waits for.
   */
  getOrSet(asking: Asking<On>): Promise<unknown> {
    return this.#serveNear(asking) ?? this.#readThrough(asking)
  }

  async #readThrough(asking: Asking<On>): Promise<unknown> {
    const partOf = this.#outerOf(asking)
    const looked = await this.#look(asking)
    if (looked.hit) {
      partOf?.include([addedTokens(looked.seen)], false)
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
    const found = await this.#find(fragment)
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
      return {
        hit: false,
        load: () => {
          this.#miss(fragment, 'transaction', performance.now())
          return this.#parts.loading.unstored(asking)
        },
      }
    const startedMs = performance.now()
    const asOfMs = Date.now()
    const found = fresh ? await this.#parts.lookup.find(fragment) : await this.#find(fragment)
    if (found === NO_STORE) return this.#withoutStore(asking, startedMs)
    if (found.hit && (!fresh || !('reading' in found))) {
      this.#hit(fragment, startedMs)
      return {
        hit: true,
        value: await found.value,
        seen: found.seen,
        asOfMs: 'asOfMs' in found ? found.asOfMs : asOfMs,
      }
    }
    const pin = await this.#complete(fragment, found.reading)
    if (pin === undefined) return this.#withoutStore(asking, startedMs)
    const stale = found.hit ? undefined : this.#staleOf(asking, found)
    if (stale !== undefined && this.#parts.loading.isUnderWay(asking, pin)) {
      this.#hit(fragment, startedMs, stale.forMs)
      return { hit: true, value: valueOf(stale.made), seen: [], asOfMs: 0 }
    }
    this.#miss(fragment, found.hit ? 'fresh' : found.reason, startedMs)
    return { hit: false, load: () => this.#parts.loading.shared(asking, pin, stale) }
  }

  /** What may be served instead of waiting for a load that is under way: not as a part of what will be stored. */
  #staleOf({ fragment, partOf }: Asking<On>, { stale }: Miss): Stale | undefined {
    // A token may be born a little ahead of the clock: no grace is none even then.
    if (stale === undefined || partOf !== undefined || fragment.graceMs === 0) return undefined
    if (!(stale.forMs < fragment.graceMs)) return undefined
    if (!this.#parts.grace.isFor(fragment)) return undefined
    const { kind, bytes } = stale.head
    return { forMs: stale.forMs, made: { encoded: { kind, bytes }, added: [], isSkipped: true } }
  }

  #serveNear(asking: Asking<On>): Promise<unknown> | undefined {
    const { near, events } = this.#parts
    const { fragment, fresh, partOf, transaction } = asking
    if (near === undefined || fresh || partOf !== undefined || transaction.hasWritten)
      return undefined
    const value = near.serve(fragment)?.value
    if (value !== undefined && events.has('hit')) this.#hit(fragment, performance.now())
    return value
  }

  #find(fragment: Fragment): Promise<Found | NearHit | typeof NO_STORE> {
    const { near, lookup } = this.#parts
    return near === undefined ? lookup.find(fragment) : near.find(fragment)
  }

  #withoutStore(asking: Asking<On>, startedMs: number): Looked {
    const load = (): Promise<Made> => {
      this.#miss(asking.fragment, 'store', startedMs)
      return this.#parts.loading.withoutStore(asking)
    }
    return { hit: false, load }
  }

  async #complete({ tokens, ttlMs }: Fragment, reading: Reading): Promise<Pin | undefined> {
    try {
      return await this.#parts.pins.complete(tokens, reading, tokenLifeMs(ttlMs))
    } catch (error) {
      if (!(error instanceof StoreUnavailableError)) throw error
      return undefined
    }
  }

  #hit(fragment: Fragment, startedMs: number, staleForMs?: number): void {
    this.#parts.events.emit('hit', () => ({
      subject: subjectLabel(fragment.subjects),
      key: fragment.name,
      durationMs: performance.now() - startedMs,
      ...(staleForMs === undefined ? {} : { staleForMs }),
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
