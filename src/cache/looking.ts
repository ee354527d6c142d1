import { StoreUnavailableError } from '../core/errors'
import type { Events } from '../core/events'
import type { SweeperEvents } from '../core/sweeper-events'
import type { Pin, Pins } from '../version/pins'
import type { Reading } from '../version/token-reader'
import { valueOf, type Looked, type Made } from './answers'
import type { Asking } from './asking'
import { Hit, NO_STORE, type Answered, type Found, type Miss } from './found'
import type { Fragment } from './fragment'
import type { Grace } from './grace'
import { type Loading, type Stale, tokenLifeMs } from './loading'
import { Look, type Lookup } from './lookup'
import type { NearHit, NearLookup } from './near-lookup'
import { Outcomes } from './outcomes'
import { servedNear, servedOf, type Picked, type Shadowing } from './shadowing'
import type { TransactionView } from './transaction-view'

export interface LookingParts<On> {
  readonly lookup: Lookup
  readonly near: NearLookup | undefined
  readonly pins: Pins
  readonly loading: Loading<On>
  readonly grace: Grace
  /** Undefined: no hit is loaded anew. */
  readonly shadowing: Shadowing<On> | undefined
  readonly events: Events<SweeperEvents>
}

/** Looks for values, pins what the load of a missing one will need, and tells of hits and misses. */
export class Looking<On> {
  readonly #parts: LookingParts<On>
  /** @internal */
  readonly outcomes: Outcomes

  constructor(parts: LookingParts<On>) {
    this.#parts = parts
    this.outcomes = new Outcomes(parts.events)
  }

  /** What the near tier may serve at once. */
  near(asking: Asking<On>): Promise<unknown> | undefined {
    const { near, shadowing } = this.#parts
    if (near === undefined || shadowing?.isLoading === true) return undefined
    const entry = near.serve(asking.fragment)
    if (entry === undefined) return undefined
    this.outcomes.hit(asking.fragment, this.outcomes.begin())
    shadowing?.pick(asking)?.(() => servedNear(entry))
    return entry.value
  }

  /** At least one, in their order; of hits alone one promise for all. The loads of what is missing are the caller's to start. */
  look(askings: readonly Asking<On>[]): Promise<readonly Looked[]> {
    const asOfMs = Date.now()
    return new Promise((resolve, reject) => {
      const all: Looked[] = []
      let open = askings.length
      const note = (at: number, looked: Looked): void => {
        all[at] = looked
        open -= 1
        if (open === 0) resolve(all)
      }
      for (const [at, asking] of askings.entries()) {
        const told = (looked: Hit | Promise<Looked>): void => {
          if (looked instanceof Hit) note(at, lookedOf(looked, asOfMs))
          else looked.then((one) => note(at, one), reject)
        }
        if (asking.transaction.hasWritten)
          note(at, { hit: false, load: () => this.#unstored(asking) })
        else this.ask(asking, told, reject, asOfMs)
      }
    })
  }

  /**
   * Of one, without a promise for the usual hit. Not in a transaction that has written.
   *
   * @param asOfMs when it began, for who wants to know how old an answer is
   */
  ask(
    asking: Asking<On>,
    told: (looked: Hit | Promise<Looked>) => void,
    failed: (error: unknown) => void,
    asOfMs = 0,
  ): void {
    const { fragment, fresh } = asking
    const { near, lookup, loading, shadowing } = this.#parts
    if (shadowing?.isLoading === true)
      return told(Promise.resolve({ hit: false, load: () => loading.unstored(asking) }))
    const begun = { startedMs: this.outcomes.begin(), asOfMs, picked: shadowing?.pick(asking) }
    if (near === undefined || fresh || fragment.near === undefined)
      lookup.ask(new AskedLook(this, lookup, asking, { begun, looked: told, broke: failed }))
    else told(this.goOn(asking, near.find(fragment), begun))
  }

  /** What is there, or undefined. */
  async find(fragment: Fragment): Promise<unknown> {
    const { near, lookup, shadowing } = this.#parts
    if (shadowing?.isLoading === true) return undefined
    const startedMs = this.outcomes.begin()
    const found = await (near ?? lookup).find(fragment)
    if (found !== NO_STORE && found.hit) {
      this.outcomes.hit(fragment, startedMs)
      return found.value
    }
    this.outcomes.miss(fragment, found === NO_STORE ? 'store' : found.reason, startedMs)
    return undefined
  }

  /** @internal */
  async goOn(
    asking: Asking<On>,
    answered: Answered | Promise<NearHit | Found | typeof NO_STORE>,
    { startedMs, asOfMs, picked }: Begun,
  ): Promise<Looked> {
    const { fragment, fresh } = asking
    const found = await answered
    if (found === NO_STORE) return this.#withoutStore(asking, startedMs)
    if (found.hit && (!fresh || !(found instanceof Hit))) {
      this.outcomes.hit(fragment, startedMs)
      picked?.(() => servedOf(found))
      if (found instanceof Hit) return lookedOf(found, asOfMs)
      return { hit: true, value: await found.value, held: found, asOfMs: found.asOfMs }
    }
    const pin = await this.#complete(fragment, found.reading)
    if (pin === undefined) return this.#withoutStore(asking, startedMs)
    const stale = found.hit ? undefined : this.#staleOf(asking, found)
    if (stale !== undefined && this.#parts.loading.isUnderWay(asking, pin)) {
      this.outcomes.hit(fragment, startedMs, stale.forMs)
      return { hit: true, value: valueOf(stale.made), held: { seen: [] }, asOfMs: 0 }
    }
    this.outcomes.miss(fragment, found.hit ? 'fresh' : found.reason, startedMs)
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

  /** Nothing was looked for, where it is not the caller's own transaction that says so. */
  passedOver(fragment: Fragment, { reason }: TransactionView): void {
    if (reason !== undefined) this.outcomes.miss(fragment, reason, this.outcomes.begin())
  }

  #unstored(asking: Asking<On>): Promise<Made> {
    this.outcomes.miss(
      asking.fragment,
      asking.transaction.reason ?? 'transaction',
      this.outcomes.begin(),
    )
    return this.#parts.loading.unstored(asking)
  }

  #withoutStore(asking: Asking<On>, startedMs: number): Looked {
    const load = (): Promise<Made> => {
      this.outcomes.miss(asking.fragment, 'store', startedMs)
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
}

/** When a look began: on the steady clock for durations, else by the machine's. */
interface Begun {
  readonly startedMs: number
  readonly asOfMs: number
  /** A hit is to be loaded anew. */
  readonly picked: Picked | undefined
}

interface Asked {
  readonly begun: Begun
  readonly looked: (looked: Hit | Promise<Looked>) => void
  readonly broke: (error: unknown) => void
}

/** All that is made of a look but its promise: there are many at once. */
class AskedLook<On> extends Look {
  readonly #looking: Looking<On>
  readonly #asking: Asking<On>
  readonly #asked: Asked

  constructor(looking: Looking<On>, lookup: Lookup, asking: Asking<On>, asked: Asked) {
    super(asking.fragment, lookup)
    this.#looking = looking
    this.#asking = asking
    this.#asked = asked
  }

  told(found: Answered): void {
    const { begun, looked } = this.#asked
    if (found instanceof Hit && !this.#asking.fresh) {
      this.#looking.outcomes.hit(this.fragment, begun.startedMs)
      begun.picked?.(() => servedOf(found))
      looked(found)
    } else looked(this.#looking.goOn(this.#asking, found, begun))
  }

  broke(error: unknown): void {
    this.#asked.broke(error)
  }
}

function lookedOf(held: Hit, asOfMs: number): Looked {
  return { hit: true, value: held.value, held, asOfMs }
}
