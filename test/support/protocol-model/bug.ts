import { Filling } from '../../../src/cache/filling'
import type { Events } from '../../../src/core/events'
import { SingleFlight } from '../../../src/core/single-flight'
import type { SweeperEvents } from '../../../src/core/sweeper-events'
import type { Store } from '../../../src/store/store'
import { Pins } from '../../../src/version/pins'
import type { TokenReader } from '../../../src/version/token-reader'

export interface FillingParts {
  readonly store: Store
  readonly reader: TokenReader
  readonly events: Events<SweeperEvents>
  fail(error: unknown): void
}

/** What a seeded bug puts in the place of the library's own. */
export interface Bug {
  readonly name: string
  /** What the server does. */
  store(store: Store): Store
  pins(reader: TokenReader, store: Store): Pins
  filling(parts: FillingParts): Filling
  flights(): SingleFlight
  readonly marks: boolean
  readonly sweepsBeforeCommit: boolean
  readonly storesInTransactions: boolean
}

export const NO_BUG: Bug = {
  name: 'none',
  store: (store) => store,
  pins: (reader, store) => new Pins(reader, store),
  filling: ({ store, events, fail }) =>
    new Filling({ store, events, replicaLagMs: 0, onFault: fail }),
  flights: () => new SingleFlight(),
  marks: true,
  sweepsBeforeCommit: false,
  storesInTransactions: false,
}
