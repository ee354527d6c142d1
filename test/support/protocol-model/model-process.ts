import { Fragments } from '../../../src/cache/fragments'
import type { Filling } from '../../../src/cache/filling'
import { Grace } from '../../../src/cache/grace'
import { Leases } from '../../../src/cache/leases'
import { Loading } from '../../../src/cache/loading'
import { Looking } from '../../../src/cache/looking'
import { Lookup } from '../../../src/cache/lookup'
import { RequestScopes } from '../../../src/near/request-scopes'
import type { Fragment } from '../../../src/cache/fragment'
import { NOT_SHARED, OUTSIDE, type TransactionView } from '../../../src/cache/transaction-view'
import type { Events } from '../../../src/core/events'
import type { SingleFlight } from '../../../src/core/single-flight'
import type { SweeperEvents } from '../../../src/core/sweeper-events'
import type { Store } from '../../../src/store/store'
import type { Pins } from '../../../src/version/pins'
import { Sweeps } from '../../../src/version/sweeps'
import type { TokenReader } from '../../../src/version/token-reader'
import type { Content } from './model-database'

/** The parts of a process of which a seeded bug may put in another. */
export interface ProcessParts {
  readonly store: Store
  readonly reader: TokenReader
  readonly pins: Pins
  readonly filling: Filling
  readonly flights: SingleFlight
  readonly events: Events<SweeperEvents>
  readonly now: () => number
}

/** A process: the reading and the sweeping side of the library, without TypeORM. */
export class ModelProcess {
  readonly sweeps: Sweeps
  readonly #fragments: Fragments<never>

  constructor({ store, reader, pins, filling, flights, events, now }: ProcessParts) {
    this.sweeps = new Sweeps(store, () => [])
    const lookup = new Lookup(reader, () => this.sweeps.isTrusted, now)
    const looking = new Looking<never>({
      lookup,
      grace: new Grace(new RequestScopes()),
      near: undefined,
      shadowing: undefined,
      pins,
      events,
      loading: new Loading<never>({
        pins,
        filling,
        flights,
        leases: new Leases(store, lookup),
        sharedRunner: () => NOT_SHARED,
        loadTimeoutMs: Infinity,
        resolve: () => [],
      }),
    })
    this.#fragments = new Fragments({ looking, pins })
  }

  async read(
    record: string,
    factory: () => Promise<Content>,
    transaction: TransactionView = OUTSIDE,
  ): Promise<Content> {
    const asked = { fragment: fragmentOf(record), fresh: false, transaction, factory }
    return (await this.#fragments.getOrSet(asked)) as Content
  }

  /** What would be served. */
  async cached(record: string): Promise<Content | undefined> {
    return (await this.#fragments.get(fragmentOf(record), OUTSIDE)) as Content | undefined
  }
}

function fragmentOf(record: string): Fragment {
  const tokens = [{ key: record, half: 'whole' }] as const
  const subject = {
    tag: record,
    label: record,
    tokens,
    attribute: undefined,
    instance: undefined,
    ttlMs: undefined,
  }
  return {
    subjects: [subject],
    name: 'content',
    entryKey: `entry of ${record}`,
    tokens,
    attribute: undefined,
    ttlMs: 3_600_000,
    near: undefined,
    graceMs: 0,
    leaseMs: 0,
  }
}
