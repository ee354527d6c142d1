import { randomUUID } from 'node:crypto'
import type { DataSource } from 'typeorm'
import { tokensOf } from './cache/fragment'
import { Filling } from './cache/filling'
import { Fragments } from './cache/fragments'
import { Lookup } from './cache/lookup'
import { digestOf } from './core/digest'
import {
  ClosedError,
  InvalidOptionError,
  NamespaceError,
  NotAttachedError,
  quoted,
  StoreUnavailableError,
} from './core/errors'
import { Events } from './core/events'
import { InstanceOrigins } from './core/instance-origins'
import { Keyspace } from './core/keyspace'
import { SingleFlight } from './core/single-flight'
import type { SweeperEvents } from './core/sweeper-events'
import { EntityGraph, type GraphData } from './model/entity-graph'
import type { On, OnSubject } from './model/record-ref'
import { SubjectResolver } from './model/subjects'
import type {
  GetOptions,
  GetOrSetManyOptions,
  GetOrSetOptions,
  SweepOptions,
} from './sweeper-reading-options'
import { GuardedStore } from './store/guarded-store'
import type { Store } from './store/store'
import { MIN_TOKEN_LIFE_MS } from './store/token'
import { watchLifecycle } from './sweep/data-source-lifecycle'
import { attachEngine, detachEngine } from './sweep/engines'
import { buildMachinery } from './sweep/machinery'
import { sweepByHand } from './sweep/sweep-by-hand'
import { placeFirst, registerSubscriber } from './sweep/registration'
import { SweepEngine, type SweepMachinery } from './sweep/sweep-engine'
import { watchBuilders } from './sweep/watched-builders'
import { Reads } from './sweeper-reads'
import { resolveOptions, type ResolvedOptions, type SweeperOptions } from './sweeper-options'
import { Pins } from './version/pins'
import { Sweeps } from './version/sweeps'
import { TokenReader } from './version/token-reader'

const sweepers = new WeakMap<DataSource, Sweeper>()
const namespaces = new WeakMap<Store, Set<string>>()

/**
 * Ties a cache to a DataSource: what is read through it depends on records, and every committed write
 * to one of them, or to what is declared to belong to them, makes it unreachable.
 *
 * @example
 * const dataSource = new DataSource({ type: 'postgres', entities: [Article, Comment], subscribers: [SweepSubscriber] })
 * const sweeper = new Sweeper(dataSource, { store: new RedisStore(new Redis()) })
 * await dataSource.initialize()
 * const page = await sweeper.getOrSet({
 *   on: record(Article, 7),
 *   key: 'article.page',
 *   ttl: '10m',
 *   factory: () => loadAndRenderArticle(7),
 * })
 */
export class Sweeper {
  readonly #dataSource: DataSource
  readonly #options: ResolvedOptions
  readonly #keyspace: Keyspace
  readonly #events = new Events<SweeperEvents>()
  readonly #origins = new InstanceOrigins()
  readonly #flights = new SingleFlight()
  readonly #store: Store
  readonly #sweeps: Sweeps
  readonly #pins: Pins
  readonly #fragments: Fragments<On>
  readonly #engine: SweepEngine
  readonly #subjects: SubjectResolver
  readonly #reads: Reads
  #machinery: { readonly of: unknown; readonly machinery: SweepMachinery } | undefined
  #undo: readonly (() => void)[] = []
  #closing: Promise<void> | undefined

  /**
   * Before or after `dataSource.initialize()`. Registers `SweepSubscriber` if it is not listed.
   *
   * @throws {InvalidOptionError} SWEEPER_INVALID_OPTION
   * @throws {InvalidDurationError} SWEEPER_INVALID_DURATION
   * @throws {NamespaceError} SWEEPER_NAMESPACE when another live Sweeper uses the same namespace on the same store
   * @throws {DeclarationError} SWEEPER_DECLARATION when the DataSource is initialized and a declaration is wrong;
   *   before that, `initialize()` rejects with it
   */
  constructor(dataSource: DataSource, options: SweeperOptions = {}) {
    const resolved = resolveOptions(dataSource, options)
    this.#dataSource = dataSource
    this.#options = resolved
    this.#keyspace = new Keyspace(resolved.namespace)
    this.#store = new GuardedStore(resolved.store, {
      readMs: resolved.readMs,
      writeMs: resolved.writeMs,
      onError: ({ operation, error, durationMs }) =>
        this.#events.emit('store-error', () => ({
          store: resolved.store.name,
          operation,
          reason: error instanceof StoreUnavailableError ? error.reason : 'error',
          durationMs,
        })),
    })
    const reader = new TokenReader(this.#store)
    this.#sweeps = new Sweeps(this.#store, () => this.#typeKeys())
    this.#pins = new Pins(reader, this.#store)
    this.#subjects = new SubjectResolver(() => this.#graph(), this.#keyspace, this.#origins)
    this.#reads = new Reads(dataSource, this.#keyspace, resolved.ttlMs, () => this.#liveMachinery())
    this.#fragments = new Fragments<On>({
      lookup: new Lookup(
        reader,
        () => resolved.enabled && this.#sweeps.isTrusted,
        () => this.#storeNow(),
      ),
      pins: this.#pins,
      filling: new Filling(this.#store, this.#events, (error) => this.#warnOf(error)),
      flights: this.#flights,
      events: this.#events,
      sharedRunner: () => this.#reads.sharedRunner(),
      loadTimeoutMs: resolved.loadTimeoutMs,
      resolve: (on) => this.#subjects.resolve(on),
    })
    this.#engine = new SweepEngine(
      () => this.#liveMachinery(),
      this.#origins,
      (error) => this.#sweepEverything(error),
    )
    this.#attach()
  }

  /**
   * The Sweeper of a DataSource.
   *
   * @throws {NotAttachedError} SWEEPER_NOT_ATTACHED
   */
  static of(dataSource: DataSource): Sweeper {
    const sweeper = sweepers.get(dataSource)
    if (sweeper === undefined)
      throw new NotAttachedError(
        'Sweeper.of(): this DataSource has no Sweeper; make one with new Sweeper(dataSource, options)',
      )
    return sweeper
  }

  /**
   * The value under this name, made by the factory if it is missing or anything it depends on has changed.
   *
   * A hit costs 1 round trip, shared with all reads of the same tick; a miss 1, or 2 if a token was missing,
   * then the factory, then a fill that nobody waits for. While the store does not answer, the factory is called.
   *
   * @throws what the factory throws, to every caller who waits for it; nothing is stored then
   * @throws {InvalidSubjectError} SWEEPER_INVALID_SUBJECT
   * @throws {MissingPrimaryKeyError} SWEEPER_MISSING_PRIMARY_KEY
   * @throws {UncacheableValueError} SWEEPER_UNCACHEABLE_VALUE
   * @throws {RecursiveFactoryError} SWEEPER_RECURSIVE_FACTORY
   */
  async getOrSet<T>(options: GetOrSetOptions<T>): Promise<T> {
    this.#assertOpen('getOrSet')
    const { factory, fresh = false } = options
    if (typeof factory !== 'function')
      throw new InvalidOptionError(
        `getOrSet ${quoted(options.key)}: factory is ${quoted(factory)}; give a function that makes the value`,
      )
    const subjects = this.#subjects.resolve(options.on)
    const value = await this.#fragments.getOrSet({
      fragment: this.#reads.fragment('getOrSet', subjects, options),
      fresh,
      transaction: this.#reads.transactionOf(options.manager, subjects),
      factory,
    })
    return value as T
  }

  /**
   * One value per subject, in their order: 1 round trip for all, and one call of the factory with those that
   * are missing, each once.
   *
   * @throws {FactoryLengthError} SWEEPER_FACTORY_LENGTH
   */
  async getOrSetMany<S extends OnSubject, T>(options: GetOrSetManyOptions<S, T>): Promise<T[]> {
    this.#assertOpen('getOrSetMany')
    const asked = options.on.map((subject) => {
      const subjects = this.#subjects.resolve(subject)
      return {
        subject,
        subjects,
        fragment: this.#reads.fragment('getOrSetMany', subjects, options),
      }
    })
    const all = asked.flatMap(({ subjects }) => subjects)
    const values = await this.#fragments.getOrSetMany(
      asked,
      this.#reads.transactionOf(options.manager, all),
      options.factory,
    )
    return values as T[]
  }

  /** The value under this name, or undefined. 1 round trip. */
  async get<T = unknown>(options: GetOptions): Promise<T | undefined> {
    this.#assertOpen('get')
    const subjects = this.#subjects.resolve(options.on)
    const value = await this.#fragments.get(
      this.#reads.fragment('get', subjects, options),
      this.#reads.transactionOf(options.manager, subjects),
    )
    return value as T | undefined
  }

  /**
   * A text that differs after every sweep of these subjects and stays the same while nothing changes: for ETags,
   * and for keys of other caches. While a write to them is in flight, while the store does not answer, and inside a
   * transaction that has written, it equals no other. 1 round trip, 2 if a token was missing.
   */
  async version(on: On): Promise<string> {
    this.#assertOpen('version')
    const subjects = this.#subjects.resolve(on)
    if (!this.#options.enabled || !this.#sweeps.isTrusted) return randomUUID()
    if (this.#reads.transactionOf(undefined, subjects).hasWritten) return randomUUID()
    try {
      const pin = await this.#pins.pin(tokensOf(subjects), MIN_TOKEN_LIFE_MS)
      const isUsable = !pin.marked && this.#sweeps.isTrusted
      return isUsable ? digestOf(pin.stamps.join('\n')) : randomUUID()
    } catch (error) {
      if (!(error instanceof StoreUnavailableError)) throw error
      return randomUUID()
    }
  }

  /**
   * Sweeps by hand what the library cannot see change: `sweep(record(Comment, 17))`, `sweep(Comment)` for every comment.
   * 1 round trip, and the queries of the cascade.
   */
  async sweep(on: On, options: SweepOptions = {}): Promise<void> {
    this.#assertOpen('sweep')
    const { cascade = true, manager } = options
    const targets = this.#subjects.targets(on)
    const machinery = this.#liveMachinery()
    if (machinery === undefined || !this.#options.enabled) return
    await sweepByHand(machinery, this.#dataSource, targets, cascade, manager?.queryRunner)
  }

  /**
   * Runs an import: what it writes, in this async context, is noted by type alone, and the types it wrote and all
   * they belong to are swept once when it settles, also by an error. `{ sweep: false }` leaves that out.
   */
  async withoutSweeping<T>(
    work: () => T | Promise<T>,
    { sweep = true }: { readonly sweep?: boolean } = {},
  ): Promise<T> {
    this.#assertOpen('withoutSweeping')
    const bulk = { types: new Set<never>(), sweep }
    try {
      return await this.#engine.bulk(bulk, async () => work())
    } finally {
      if (sweep && bulk.types.size > 0) {
        const keys = this.#graph()
          .ancestorTypes([...bulk.types])
          .map(({ key }) => this.#keyspace.type(key))
        await this.#sweepKeys(keys)
      }
    }
  }

  /** Makes every entry of this namespace unreachable. 1 round trip; nothing is searched or deleted. */
  async clear(): Promise<void> {
    this.#assertOpen('clear')
    await this.#sweepKeys(this.#typeKeys())
  }

  /**
   * Tells what happens. Costs nothing while nobody listens; also on `node:diagnostics_channel` as `typeorm-sweeper:<event>`.
   *
   * @returns ends it
   * @example
   * const off = sweeper.on('sweep', ({ records }) => console.log('swept', records))
   */
  on<E extends keyof SweeperEvents>(
    event: E,
    listener: (payload: SweeperEvents[E]) => void,
  ): () => void {
    return this.#events.on(event, listener)
  }

  /** The declared cascade, as data and as a Mermaid diagram. */
  graph(): GraphData {
    return this.#graph().toData()
  }

  /**
   * Delivers what is pending, within `timeout.delivery`, and lets go of the DataSource. Destroys nothing of yours:
   * neither the DataSource nor the store's client. `dataSource.destroy()` does the same first.
   */
  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  #attach(): void {
    const dataSource = this.#dataSource
    const { store, namespace } = this.#options
    const before = sweepers.get(dataSource)
    if (before !== undefined) before.#letGo()
    const taken = namespaces.get(store) ?? new Set()
    if (taken.has(namespace))
      throw new NamespaceError(
        `new Sweeper(): another Sweeper of this process uses the namespace ${quoted(namespace)} on the same store; give each DataSource a namespace of its own`,
      )
    if (dataSource.isInitialized) this.#graph()
    namespaces.set(store, taken.add(namespace))
    sweepers.set(dataSource, this)
    if (this.#options.enabled) attachEngine(dataSource, this.#engine)
    registerSubscriber(dataSource)
    this.#undo = [
      watchBuilders(dataSource),
      watchLifecycle(dataSource, {
        initialized: () => {
          this.#graph()
          placeFirst(dataSource)
        },
        destroying: () => this.close(),
      }),
    ]
  }

  async #close(): Promise<void> {
    this.#flights.abortAll(new ClosedError('load'))
    await this.#sweeps.deliverWithin(this.#options.deliveryMs)
    this.#letGo()
  }

  /** A second Sweeper for a DataSource, as after a hot reload, takes the place of the first. */
  #letGo(): void {
    for (const undo of this.#undo) undo()
    this.#undo = []
    this.#sweeps.close()
    detachEngine(this.#dataSource, this.#engine)
    if (sweepers.get(this.#dataSource) === this) sweepers.delete(this.#dataSource)
    namespaces.get(this.#options.store)?.delete(this.#options.namespace)
  }

  #assertOpen(what: string): void {
    if (this.#closing !== undefined) throw new ClosedError(what)
  }

  #graph(): EntityGraph {
    if (!this.#dataSource.isInitialized && this.#dataSource.entityMetadatas.length === 0)
      throw new NotAttachedError(
        'Sweeper: its DataSource is not initialized, so its entities are not known yet; await dataSource.initialize() first',
      )
    return EntityGraph.of(this.#dataSource)
  }

  /** Made when it is first needed, and anew when the DataSource is initialized again. */
  #liveMachinery(): SweepMachinery | undefined {
    const metadatas: unknown = this.#dataSource.entityMetadatas
    const known = this.#machinery
    if (known !== undefined && known.of === metadatas) return known.machinery
    if (this.#dataSource.entityMetadatas.length === 0) return undefined
    const { maxFanOut, markDeadlineMs, onStoreError, deliveryMs } = this.#options
    const machinery = buildMachinery({
      dataSource: this.#dataSource,
      keyspace: this.#keyspace,
      sweeps: this.#sweeps,
      events: this.#events,
      maxFanOut,
      closing: { markDeadlineMs, onStoreError, deliveryMs },
      warn: (message) => this.#warn(message),
    })
    this.#machinery = { of: metadatas, machinery }
    return machinery
  }

  #storeNow(): number {
    return Date.now() + (this.#store.clock()?.offsetMs ?? 0)
  }

  #typeKeys(): readonly string[] {
    return this.#graph().types.map(({ key }) => this.#keyspace.type(key))
  }

  async #sweepKeys(keys: readonly string[]): Promise<void> {
    await this.#sweeps.sweep(
      keys.map((key) => ({ key, row: true })),
      undefined,
    )
  }

  /** An error of our own in a hook: it is told, and nothing may stay unswept for it. */
  async #sweepEverything(error: unknown): Promise<void> {
    if (error instanceof StoreUnavailableError) throw error
    this.#warnOf(error)
    await this.#sweepKeys(this.#typeKeys())
  }

  #warnOf(error: unknown): void {
    process.emitWarning(error instanceof Error ? error : new Error(String(error)))
  }

  #warn(message: string): void {
    const logger = this.#options.logger ?? this.#dataSource.logger
    logger.log('warn', `typeorm-sweeper: ${message}`)
  }
}
