import { Filling, type Loaded } from '../../../src/cache/filling'
import { type FlightOptions, type LoadFlight, SingleFlight } from '../../../src/core/single-flight'
import type { SubjectToken } from '../../../src/core/subject'
import { type Pin, Pins } from '../../../src/version/pins'
import type { Reading } from '../../../src/version/token-reader'
import { type Bug, type FillingParts, NO_BUG } from './bug'
import {
  ClientRestoresStore,
  ClientTokensStore,
  CountingVersionsStore,
  LenientStore,
  OneOwnerStore,
  SeparateMarksStore,
} from './buggy-stores'

const LIFE_MS = 86_400_000

/** Reads the tokens when the value is there, if `when` says so. */
class LateFilling extends Filling {
  readonly #pins: Pins
  readonly #when: (pin: Pin) => boolean
  readonly #fail: (error: unknown) => void

  constructor({ store, reader, events, fail }: FillingParts, when: (pin: Pin) => boolean) {
    super({ store, events, replicaLagMs: 0, onFault: fail })
    this.#pins = new Pins(reader, store)
    this.#when = when
    this.#fail = fail
  }

  override async store(loaded: Loaded): Promise<void> {
    if (!this.#when(loaded.pin)) return super.store(loaded)
    try {
      const pin = await this.#pins.pin(loaded.fragment.tokens, LIFE_MS)
      await super.store({ ...loaded, pin })
    } catch (error) {
      this.#fail(error)
    }
  }
}

const MISSING: Pin = { states: [], stamps: [], marked: false, seen: 'missing' }

/** Has nothing minted before the load. */
class LazyPins extends Pins {
  override complete(
    tokens: readonly SubjectToken[],
    reading: Reading,
    lifeMs: number,
  ): Promise<Pin> {
    if (reading.tokens.includes(undefined)) return Promise.resolve(MISSING)
    return super.complete(tokens, reading, lifeMs)
  }
}

/** Shares loads by the entry's key alone. */
class HastyFlights extends SingleFlight {
  override run<T>(
    key: string,
    name: string,
    load: (flight: LoadFlight) => Promise<T>,
    options: FlightOptions,
  ): Promise<T> {
    return super.run(key.split('\n')[0] ?? '', name, load, options)
  }
}

/** Mistakes that were made before, here or elsewhere: the model has to find each of them. */
export const BUGS: readonly Bug[] = [
  {
    ...NO_BUG,
    name: 'a counter instead of unique tokens (H5)',
    store: (store) => new CountingVersionsStore(store),
  },
  {
    ...NO_BUG,
    name: 'the token read after the load (H3)',
    filling: (parts) => new LateFilling(parts, () => true),
  },
  { ...NO_BUG, name: 'no marks, and a death (H7)', marks: false },
  {
    ...NO_BUG,
    name: 'the mark in a key of its own (H7)',
    store: (store) => new SeparateMarksStore(store),
  },
  {
    ...NO_BUG,
    name: 'a token made by the client of a sweep (H5b)',
    store: (store) => new ClientTokensStore(store),
  },
  {
    ...NO_BUG,
    name: 'a missing token minted when the fill comes (H6)',
    pins: (reader, store) => new LazyPins(reader, store),
    filling: (parts) => new LateFilling(parts, (pin) => pin === MISSING),
  },
  {
    ...NO_BUG,
    name: 'a rollback that restores what its client sends (H8b)',
    store: (store) => new ClientRestoresStore(store),
  },
  {
    ...NO_BUG,
    name: 'an expired owner dropped without ending the token (H8b)',
    store: (store) => new LenientStore(store),
  },
  {
    ...NO_BUG,
    name: 'one owner clearing the marks of all (H8)',
    store: (store) => new OneOwnerStore(store),
  },
  { ...NO_BUG, name: 'joining a load with other tokens (H26b)', flights: () => new HastyFlights() },
  { ...NO_BUG, name: 'a sweep before COMMIT (H1)', sweepsBeforeCommit: true },
  {
    ...NO_BUG,
    name: 'a fill out of an open transaction (H9c, H24)',
    storesInTransactions: true,
  },
]
