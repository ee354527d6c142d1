import type { DataSource } from 'typeorm'
import type { Explaining } from '../cache/explaining'
import { Filling } from '../cache/filling'
import { Fragments } from '../cache/fragments'
import type { Grace } from '../cache/grace'
import { Leases } from '../cache/leases'
import { Loading } from '../cache/loading'
import { Looking } from '../cache/looking'
import { Lookup } from '../cache/lookup'
import { NearLookup } from '../cache/near-lookup'
import type { Shadow } from '../cache/shadow'
import { Shadowing } from '../cache/shadowing'
import { Versions } from '../cache/versions'
import type { Events } from '../core/events'
import type { InstanceOrigins } from '../core/instance-origins'
import type { Keyspace } from '../core/keyspace'
import type { SingleFlight } from '../core/single-flight'
import type { Subject } from '../core/subject'
import type { SweeperEvents } from '../core/sweeper-events'
import type { Tenants } from '../core/tenants'
import type { EntityGraph } from '../model/entity-graph'
import type { On } from '../model/record-ref'
import type { SubjectResolver } from '../model/subjects'
import type { Near } from '../near/near'
import { Objects } from '../objects/objects'
import type { QueryCache } from '../query-cache/query-cache'
import type { Store } from '../store/store'
import type { MoveLog } from '../sweep/move-log'
import { SweepSubscriber } from '../sweep/sweep-subscriber'
import { buildExplaining } from './explain'
import { buildQueryCache } from './queries'
import { buildShadow } from './shadow'
import type { ResolvedOptions } from './resolve-options'
import type { Reads } from './reads'
import { Pins } from '../version/pins'
import type { Sweeps } from '../version/sweeps'
import { TokenReader } from '../version/token-reader'

/** What the reading side of a Sweeper needs of the rest. */
export interface ReadingGiven {
  readonly dataSource: DataSource
  readonly options: ResolvedOptions
  readonly store: Store
  readonly keyspace: Keyspace
  readonly tenants: Tenants
  readonly events: Events<SweeperEvents>
  readonly flights: SingleFlight
  readonly near: Near | undefined
  readonly grace: Grace
  readonly subjects: SubjectResolver
  readonly origins: InstanceOrigins
  readonly reads: Reads
  readonly moves: MoveLog | undefined
  graph(): EntityGraph
  isTrusted(): boolean
  readonly sweeps: Pick<Sweeps, 'sweepWhole'>
  warn(message: string): void
  onFault(error: unknown): void
}

/** The reading side of a Sweeper, put together. */
export class Reading {
  readonly pins: Pins
  readonly versions: Versions
  readonly fragments: Fragments<On>
  readonly objects: Objects
  readonly queries: QueryCache
  readonly explaining: Explaining
  /** Undefined: no hit is loaded anew. */
  readonly shadow: Shadow | undefined
  readonly #given: ReadingGiven
  readonly #lookup: Lookup
  readonly #filling: Filling

  constructor(given: ReadingGiven) {
    const { store, subjects, events, options, tenants } = given
    const reader = new TokenReader(store)
    this.#given = given
    this.#lookup = new Lookup(
      reader,
      () => given.isTrusted(),
      () => this.#storeNow(),
    )
    this.#filling = new Filling({
      ...{ store, events, replicaLagMs: options.replicaLagMs },
      onFault: (error) => given.onFault(error),
    })
    this.pins = new Pins(reader, store)
    this.shadow = buildShadow(options, { lookup: this.#lookup, events, clock: () => store.clock() })
    this.versions = new Versions(this.pins, store, () => given.isTrusted(), options.replicaLagMs)
    this.fragments = this.#fragments((on) =>
      tenants.now(() => (tenants.current === null ? undefined : subjects.resolve(on))),
    )
    this.objects = this.#objects()
    this.queries = this.#queries(reader)
    this.explaining = buildExplaining(this.#lookup, given.moves, {
      graph: () => given.graph(),
      storeNow: () => this.#storeNow(),
    })
  }

  #fragments<T>(resolve: (on: T) => readonly Subject[] | undefined): Fragments<T> {
    const { store, near, events, flights, grace, reads, options } = this.#given
    const isTrusted = (): boolean => this.#given.isTrusted()
    const storeNow = (): number => this.#storeNow()
    const lookup = this.#lookup
    const { pins, shadow } = this
    const loading = new Loading<T>({
      pins,
      filling: this.#filling,
      flights,
      leases: new Leases(store, lookup),
      sharedRunner: () => reads.sharedRunner(),
      loadTimeoutMs: options.loadTimeoutMs,
      resolve,
    })
    const looking = new Looking<T>({
      ...{ lookup, pins, events, grace, loading },
      near: near && new NearLookup({ near, lookup, isTrusted, storeNow }),
      shadowing: shadow && new Shadowing({ shadow, loading, storeNow }),
    })
    return new Fragments<T>({ looking, pins })
  }

  #objects(): Objects {
    const { dataSource, keyspace, origins, reads, store } = this.#given
    return new Objects({
      dataSource,
      keyspace,
      fragments: this.#fragments((subjects: readonly Subject[]) => subjects),
      origins,
      graph: () => this.#given.graph(),
      clock: () => store.clock(),
      isOurs: (subscriber) => subscriber instanceof SweepSubscriber,
      fragment: (where, subjects, named) => reads.fragment(where, subjects, named),
      transactionOf: (manager) => reads.transactionOf(manager, []),
    })
  }

  #queries(reader: TokenReader): QueryCache {
    const given = this.#given
    const { dataSource, store, keyspace, tenants, events, reads } = given
    return buildQueryCache(
      {
        ...{ keyspace, tenants, pins: this.pins, events, reads },
        ...{ sweeps: given.sweeps, moves: given.moves },
      },
      {
        ...{ dataSource, store, reader, filling: this.#filling },
        isOn: given.options.enabled,
        isTrusted: () => given.isTrusted(),
        isBypassed: () => this.shadow?.isLoading === true,
        warn: (message) => given.warn(message),
      },
    )
  }

  #storeNow(): number {
    return Date.now() + (this.#given.store.clock()?.offsetMs ?? 0)
  }
}
