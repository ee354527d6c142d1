import type { DataSource } from 'typeorm'
import { Grace } from '../cache/grace'
import { StoreUnavailableError } from '../core/errors'
import { Events } from '../core/events'
import { InstanceOrigins } from '../core/instance-origins'
import { Keyspace } from '../core/keyspace'
import { SingleFlight } from '../core/single-flight'
import type { SweeperEvents } from '../core/sweeper-events'
import { Tenants } from '../core/tenants'
import { EntityGraph } from '../model/entity-graph'
import { SubjectResolver } from '../model/subjects'
import type { Near } from '../near/near'
import { RequestScopes } from '../near/request-scopes'
import { TellingStore } from '../near/telling-store'
import { WriteThrough } from '../objects/write-through'
import type { Outbox } from '../outbox/outbox'
import type { Store } from '../store/store'
import { buildMachinery } from '../sweep/machinery'
import type { MoveLog } from '../sweep/move-log'
import { SweepEngine } from '../sweep/sweep-engine'
import type { SweepMachinery } from '../sweep/sweep-machinery'
import { moveLogOf } from './explain'
import { buildOutbox } from './outbox'
import { sweepTypes } from './bulk'
import { Reading, type ReadingGiven } from './reading'
import { Reads } from './reads'
import type { ResolvedOptions } from './resolve-options'
import { guardedStore, nearOf } from './stores'
import { Sweeps } from '../version/sweeps'

/** What a Sweeper is made of, put together. What needs the entities waits until the DataSource knows them. */
export class SweeperParts {
  readonly tenants: Tenants
  readonly keyspace: Keyspace
  readonly events = new Events<SweeperEvents>()
  readonly flights = new SingleFlight()
  readonly requests = new RequestScopes()
  readonly sweeps: Sweeps
  readonly subjects: SubjectResolver
  readonly reads: Reads
  readonly reading: Reading
  readonly engine: SweepEngine
  readonly near: Near | undefined
  readonly outbox: Outbox | undefined
  readonly moves: MoveLog | undefined
  readonly #dataSource: DataSource
  readonly #options: ResolvedOptions
  readonly #writeThrough: WriteThrough
  #hasTenantFailed = false
  #machinery: { readonly of: unknown; readonly machinery: SweepMachinery } | undefined

  constructor(dataSource: DataSource, options: ResolvedOptions) {
    this.tenants = new Tenants(options.tenant, (error) => this.#tenantFailed(error))
    const origins = new InstanceOrigins(this.tenants)
    this.keyspace = new Keyspace(options.namespace, options.store.hashTags, this.tenants)
    const guarded = guardedStore(options, this.events)
    const near = nearOf(options, guarded, this.keyspace, this.requests)
    const grace = new Grace(this.requests)
    const store = new TellingStore(guarded, (keys) => {
      near?.tier.moved(keys)
      grace.written(keys)
    })
    this.near = near
    this.moves = moveLogOf(options)
    this.#dataSource = dataSource
    this.#options = options
    this.sweeps = new Sweeps(store, () => this.#typeKeys())
    this.subjects = new SubjectResolver(() => this.graph(), this.keyspace, origins)
    this.reads = new Reads(
      dataSource,
      this.keyspace,
      { ttlMs: options.ttlMs, near: options.near?.level },
      () => this.machinery(),
      () => this.engine.around,
    )
    this.reading = this.#reading(store, { near, grace, origins })
    this.#writeThrough = new WriteThrough({
      objects: this.reading.objects,
      graph: () => this.graph(),
      metadatas: () => dataSource.entityMetadatas,
      onFault: warnOf,
    })
    this.outbox = buildOutbox(this, { dataSource, options, warn: (text) => this.#warn(text) })
    this.engine = new SweepEngine(
      () => this.machinery(),
      origins,
      this.tenants,
      (error) => this.#sweepEverything(error),
    )
  }

  /** @throws {NotAttachedError} SWEEPER_NOT_ATTACHED while the DataSource does not know its entities yet */
  graph(): EntityGraph {
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
      tenants: this.tenants,
      sweeps: this.sweeps,
      events: this.events,
      moves: this.moves,
      maxFanOut,
      closing: { markDeadlineMs, onStoreError, deliveryMs },
      written: (records, runner) => this.#writeThrough.written(records, runner),
      recorder: (graph) => this.outbox?.recorder(graph),
      warn: (message) => this.#warn(message),
    })
    this.#machinery = { of: metadatas, machinery }
    return machinery
  }

  /** Makes every entry unreachable, whoever's it is. 1 round trip. */
  sweepAll(operation: string): Promise<void> {
    return sweepTypes(this, operation, this.graph().types, 'everywhere')
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

  #reading(
    store: Store,
    { near, grace, origins }: Pick<ReadingGiven, 'near' | 'grace' | 'origins'>,
  ): Reading {
    const { keyspace, tenants, events, flights, subjects, reads, moves } = this
    return new Reading({
      dataSource: this.#dataSource,
      options: this.#options,
      ...{
        store,
        keyspace,
        tenants,
        events,
        flights,
        near,
        grace,
        subjects,
        origins,
        reads,
        moves,
      },
      graph: () => this.graph(),
      isTrusted: () => this.#options.enabled && this.sweeps.isTrusted,
      sweeps: this.sweeps,
      warn: (message) => this.#warn(message),
      onFault: warnOf,
    })
  }

  #typeKeys(): readonly string[] {
    return this.graph().types.map(({ key }) => this.keyspace.everyones(key))
  }

  /** An error of our own in a hook: it is told, and nothing may stay unswept for it. */
  async #sweepEverything(error: unknown): Promise<void> {
    if (error instanceof StoreUnavailableError) throw error
    warnOf(error)
    await this.sweepAll('fault of a hook')
  }

  /** The resolver has thrown, which is no answer. Told once: it is asked at every read. */
  #tenantFailed(error: unknown): void {
    if (this.#hasTenantFailed) return
    this.#hasTenantFailed = true
    const what = error instanceof Error ? error.name : typeof error
    this.#warn(`tenant: it threw (${what}), and nothing is cached while it does`)
  }

  #warn(message: string): void {
    const logger = this.#options.logger ?? this.#dataSource.logger
    logger.log('warn', `typeorm-sweeper: ${message}`)
  }
}

function warnOf(error: unknown): void {
  process.emitWarning(error instanceof Error ? error : new Error(String(error)))
}
