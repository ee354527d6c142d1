import type { DataSource } from 'typeorm'
import { Filling } from './cache/filling'
import { Fragments } from './cache/fragments'
import { Loading } from './cache/loading'
import { Lookup } from './cache/lookup'
import { NearLookup } from './cache/near-lookup'
import { Versions } from './cache/versions'
import { NotAttachedError, StoreUnavailableError } from './core/errors'
import { Events } from './core/events'
import { InstanceOrigins } from './core/instance-origins'
import { Keyspace } from './core/keyspace'
import { SingleFlight } from './core/single-flight'
import type { SweeperEvents } from './core/sweeper-events'
import type { Subject } from './core/subject'
import { EntityGraph } from './model/entity-graph'
import type { On } from './model/record-ref'
import { SubjectResolver } from './model/subjects'
import type { Near } from './near/near'
import { TellingStore } from './near/telling-store'
import { Objects } from './objects/objects'
import { WriteThrough } from './objects/write-through'
import type { Outbox } from './outbox/outbox'
import type { QueryCache } from './query-cache/query-cache'
import type { Store } from './store/store'
import { buildMachinery } from './sweep/machinery'
import { SweepEngine, type SweepMachinery } from './sweep/sweep-engine'
import { buildOutbox } from './sweeper-outbox'
import { buildQueryCache } from './sweeper-queries'
import { Reads } from './sweeper-reads'
import type { ResolvedOptions } from './sweeper-options'
import { guardedStore, nearOf } from './sweeper-stores'
import { Pins } from './version/pins'
import { Sweeps } from './version/sweeps'
import { TokenReader } from './version/token-reader'

/** What a Sweeper is made of, put together. What needs the entities waits until the DataSource knows them. */
export class SweeperParts {
  readonly keyspace: Keyspace
  readonly events = new Events<SweeperEvents>()
  readonly flights = new SingleFlight()
  readonly sweeps: Sweeps
  readonly pins: Pins
  readonly subjects: SubjectResolver
  readonly reads: Reads
  readonly fragments: Fragments<On>
  readonly versions: Versions
  readonly objects: Objects
  readonly queries: QueryCache
  readonly engine: SweepEngine
  readonly near: Near | undefined
  readonly outbox: Outbox | undefined
  readonly #dataSource: DataSource
  readonly #options: ResolvedOptions
  readonly #store: Store
  readonly #writeThrough: WriteThrough
  #machinery: { readonly of: unknown; readonly machinery: SweepMachinery } | undefined

  constructor(dataSource: DataSource, options: ResolvedOptions) {
    const origins = new InstanceOrigins()
    this.keyspace = new Keyspace(options.namespace)
    const guarded = guardedStore(options, this.events)
    const near = nearOf(options, guarded, this.keyspace)
    const store =
      near === undefined ? guarded : new TellingStore(guarded, (keys) => near.tier.moved(keys))
    this.near = near
    const reader = new TokenReader(store)
    this.#dataSource = dataSource
    this.#options = options
    this.#store = store
    this.sweeps = new Sweeps(store, () => this.#typeKeys())
    this.pins = new Pins(reader, store)
    this.versions = new Versions(this.pins, store, () => this.#isTrusted())
    this.subjects = new SubjectResolver(() => this.graph(), this.keyspace, origins)
    this.reads = new Reads(
      dataSource,
      this.keyspace,
      { ttlMs: options.ttlMs, near: options.near?.level },
      () => this.machinery(),
    )
    this.fragments = this.#buildFragments(reader, (on) => this.subjects.resolve(on))
    this.objects = this.#buildObjects(reader, origins)
    this.queries = this.#buildQueries(reader)
    this.#writeThrough = new WriteThrough({
      objects: this.objects,
      graph: () => this.graph(),
      metadatas: () => dataSource.entityMetadatas,
      onFault: warnOf,
    })
    this.outbox = buildOutbox(this, { dataSource, options, warn: (text) => this.#warn(text) })
    this.engine = new SweepEngine(
      () => this.machinery(),
      origins,
      (error) => this.#sweepEverything(error),
    )
  }

  /** @throws {NotAttachedError} SWEEPER_NOT_ATTACHED while the DataSource does not know its entities yet */
  graph(): EntityGraph {
    if (!this.#dataSource.isInitialized && this.#dataSource.entityMetadatas.length === 0)
      throw new NotAttachedError(
        'Sweeper: its DataSource is not initialized, so its entities are not known yet; await dataSource.initialize() first',
      )
    return EntityGraph.of(this.#dataSource)
  }

  /** Made when it is first needed, and anew when the DataSource is initialized again. */
  machinery(): SweepMachinery | undefined {
    const metadatas: unknown = this.#dataSource.entityMetadatas
    const known = this.#machinery
    if (known !== undefined && known.of === metadatas) return known.machinery
    if (this.#dataSource.entityMetadatas.length === 0) return undefined
    const { maxFanOut, markDeadlineMs, onStoreError, deliveryMs } = this.#options
    const machinery = buildMachinery({
      dataSource: this.#dataSource,
      keyspace: this.keyspace,
      sweeps: this.sweeps,
      events: this.events,
      maxFanOut,
      closing: { markDeadlineMs, onStoreError, deliveryMs },
      written: (records, runner) => this.#writeThrough.written(records, runner),
      recorder: (graph) => this.outbox?.recorder(graph),
      warn: (message) => this.#warn(message),
    })
    this.#machinery = { of: metadatas, machinery }
    return machinery
  }

  /** Makes every entry of these types unreachable; of all types where none are named. 1 round trip. */
  async sweepTypes(keys: readonly string[] = this.#typeKeys()): Promise<void> {
    await this.sweeps.sweep(
      keys.map((key) => ({ key, row: true })),
      undefined,
    )
  }

  #buildFragments<T>(reader: TokenReader, resolve: (on: T) => readonly Subject[]): Fragments<T> {
    const { loadTimeoutMs } = this.#options
    const isTrusted = (): boolean => this.#isTrusted()
    const storeNow = (): number => this.#storeNow()
    const lookup = new Lookup(reader, isTrusted, storeNow)
    const { near } = this
    return new Fragments<T>({
      lookup,
      near: near && new NearLookup({ near, lookup, isTrusted, storeNow }),
      pins: this.pins,
      events: this.events,
      loading: new Loading<T>({
        pins: this.pins,
        filling: new Filling(this.#store, this.events, warnOf),
        flights: this.flights,
        sharedRunner: () => this.reads.sharedRunner(),
        loadTimeoutMs,
        resolve,
      }),
    })
  }

  #buildObjects(reader: TokenReader, origins: InstanceOrigins): Objects {
    return new Objects({
      dataSource: this.#dataSource,
      keyspace: this.keyspace,
      fragments: this.#buildFragments(reader, (subjects: readonly Subject[]) => subjects),
      origins,
      graph: () => this.graph(),
      clock: () => this.#store.clock(),
      fragment: (where, subjects, named) => this.reads.fragment(where, subjects, named),
      transactionOf: (manager) => this.reads.transactionOf(manager, []),
    })
  }

  #buildQueries(reader: TokenReader): QueryCache {
    return buildQueryCache(this, {
      ...{ dataSource: this.#dataSource, store: this.#store, reader },
      ...{ isOn: this.#options.enabled, onFault: warnOf },
      isTrusted: () => this.#isTrusted(),
      warn: (message) => this.#warn(message),
    })
  }

  #isTrusted(): boolean {
    return this.#options.enabled && this.sweeps.isTrusted
  }

  /** @throws {DeclarationError} SWEEPER_DECLARATION */
  initialized(): void {
    this.graph()
    this.outbox?.start()
  }

  /** Delivers what this process has left, within this time each for the store and the outbox. */
  async deliverWithin(ms: number): Promise<void> {
    await this.sweeps.deliverWithin(ms)
    await this.outbox?.close(ms)
  }

  #storeNow(): number {
    return Date.now() + (this.#store.clock()?.offsetMs ?? 0)
  }

  #typeKeys(): readonly string[] {
    return this.graph().types.map(({ key }) => this.keyspace.type(key))
  }

  /** An error of our own in a hook: it is told, and nothing may stay unswept for it. */
  async #sweepEverything(error: unknown): Promise<void> {
    if (error instanceof StoreUnavailableError) throw error
    warnOf(error)
    await this.sweepTypes()
  }

  #warn(message: string): void {
    const logger = this.#options.logger ?? this.#dataSource.logger
    logger.log('warn', `typeorm-sweeper: ${message}`)
  }
}

function warnOf(error: unknown): void {
  process.emitWarning(error instanceof Error ? error : new Error(String(error)))
}
