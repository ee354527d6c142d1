import type { DataSource } from 'typeorm'
import type { Asking } from './cache/asking'
import type { TransactionView } from './cache/transaction-view'
import type { Validator } from './cache/versions'
import { ClosedError, InvalidOptionError, NotAttachedError, quoted } from './core/errors'
import type { NearTierState } from './near/near-tier'
import type { Explanation } from './core/explanation'
import type { Subject } from './core/subject'
import type { SweeperEvents } from './core/sweeper-events'
import type { GraphData } from './model/entity-graph'
import type { EntityTarget } from './model/entity-class'
import type { On, OnSubject, RecordKey } from './model/record-ref'
import { attachQueryCache, detachQueryCache } from './query-cache/attached'
import { sweepByHand } from './sweep/sweep-by-hand'
import { Attachment } from './sweeper/attachment'
import { withoutSweeping } from './sweeper/bulk'
import type { SweeperOptions } from './sweeper/options'
import { resolveOptions, type ResolvedOptions } from './sweeper/resolve-options'
import { SweeperParts } from './sweeper/parts'
import type {
  FindOptions,
  GetOptions,
  GetOrSetManyOptions,
  GetOrSetOptions,
  ListOptions,
  SweepOptions,
} from './sweeper/reading-options'

const sweepers = new WeakMap<DataSource, Sweeper>()

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
  readonly #parts: SweeperParts
  readonly #attachment: Attachment
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
    this.#dataSource = dataSource
    this.#options = resolveOptions(dataSource, options)
    this.#parts = new SweeperParts(dataSource, this.#options)
    if (dataSource.isInitialized) this.#parts.initialized()
    this.#attachment = this.#attach()
    attachQueryCache(dataSource, this.#parts.reading.queries)
    sweepers.set(dataSource, this)
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
  getOrSet<T>(options: GetOrSetOptions<T>): Promise<T> {
    // Not async: a hit of the near tier gives back the promise that is there.
    try {
      this.#assertOpen('getOrSet')
      const asking = this.#parts.tenants.now(() => this.#askingOf(options))
      return this.#parts.reading.fragments.getOrSet(asking) as Promise<T>
    } catch (error) {
      return Promise.reject(error instanceof Error ? error : new Error(String(error)))
    }
  }

  /**
   * One value per subject, in their order: 1 round trip for all, and one call of the factory with those that
   * are missing, each once.
   *
   * @throws {FactoryLengthError} SWEEPER_FACTORY_LENGTH
   */
  async getOrSetMany<S extends OnSubject, T>(options: GetOrSetManyOptions<S, T>): Promise<T[]> {
    this.#assertOpen('getOrSetMany')
    const { tenants, subjects: resolver, reads, reading } = this.#parts
    const [asked, transaction] = tenants.now(() => {
      const each = options.on.map((subject) => {
        const subjects = resolver.resolve(subject)
        return { subject, subjects, fragment: reads.fragment('getOrSetMany', subjects, options) }
      })
      const all = each.flatMap(({ subjects }) => subjects)
      return [each, reads.transactionOf(options.manager, all)] as const
    })
    const values = await reading.fragments.getOrSetMany(asked, transaction, {
      factory: options.factory,
      isRepeatable: options.shadow,
    })
    return values as T[]
  }

  /**
   * The record as an instance of its class, read through; null, which is remembered too, where there is none, or a
   * soft-deleted one. It may be changed and saved like any other.
   *
   * A hit costs 1 round trip and no query, 2 round trips with `relations`; a miss 1 query more, 2 where
   * the records in it were not known to the cache before.
   *
   * @throws {InvalidSubjectError} SWEEPER_INVALID_SUBJECT for what is no entity, or no key of it
   * @throws {InvalidOptionError} SWEEPER_INVALID_OPTION for relations that there are not, or that nobody follows
   * @throws {UncacheableValueError} SWEEPER_UNCACHEABLE_VALUE when the driver gives a column as an instance of a class
   * @example
   * const car = await sweeper.find(Car, 7, { relations: ['engine'] })
   */
  async find<E extends object>(
    target: EntityTarget<E>,
    id: RecordKey<NoInfer<E>>,
    options: FindOptions = {},
  ): Promise<E | null> {
    this.#assertOpen('find')
    const { tenants, reading } = this.#parts
    const found = await tenants.now(() => reading.objects.findMany(target, [id], options, 'find'))
    return found[0] as E | null
  }

  /** Many by their keys, in order: 1 round trip for all, 2 with `relations`, and 1 query for those that are missing. */
  async findMany<E extends object>(
    target: EntityTarget<E>,
    ids: readonly RecordKey<NoInfer<E>>[],
    options: FindOptions = {},
  ): Promise<(E | null)[]> {
    this.#assertOpen('findMany')
    const { tenants, reading } = this.#parts
    return tenants.now(() => reading.objects.findMany(target, ids, options, 'findMany')) as Promise<
      (E | null)[]
    >
  }

  /**
   * The one record with these values of unique columns, as `find` gives it. A hit costs 2 round trips; a miss 1 query,
   * 2 where the record was not known to the cache before.
   *
   * @throws {InvalidOptionError} SWEEPER_INVALID_OPTION for columns that are not unique, naming those that are
   * @example
   * const user = await sweeper.findBy(User, { email: 'ann@example.org' })
   */
  async findBy<E extends object>(
    target: EntityTarget<E>,
    values: { readonly [Property in keyof E]?: E[Property] },
    options: FindOptions = {},
  ): Promise<E | null> {
    this.#assertOpen('findBy')
    const { tenants, reading } = this.#parts
    return tenants.now(() => reading.objects.findBy(target, values, options)) as Promise<E | null>
  }

  /**
   * A list of records. What is kept under `on` are their keys; the records are those of `findMany`, each kept once,
   * whatever lists it stands in. One that is not there any more is left out.
   *
   * A hit costs 2 round trips, 3 with `relations`; a changed record 1 query, a changed list that of `ids`.
   *
   * @throws as `getOrSet` and `find` do
   * @example
   * const latest = await sweeper.list(Comment, {
   *   on: children(Article, 7, 'comments'),
   *   key: 'latest',
   *   vary: [page],
   *   ids: () => comments.find({ select: { id: true }, where: { article: { id: 7 } }, take: 20, skip: 20 * page }),
   * })
   */
  async list<E extends object>(
    target: EntityTarget<E>,
    { relations, ids, ...options }: ListOptions<NoInfer<E>>,
  ): Promise<E[]> {
    const keys = await this.getOrSet({
      ...options,
      factory: async (context) =>
        this.#parts.reading.objects.keysOf(target, await ids(context), 'list'),
    })
    const asked = { relations, manager: options.manager }
    const { tenants, reading } = this.#parts
    const found = await tenants.now(() => reading.objects.findMany(target, keys, asked, 'list'))
    return found.filter((one) => one !== null) as E[]
  }

  /** The value under this name, or undefined. 1 round trip. */
  async get<T = unknown>(options: GetOptions): Promise<T | undefined> {
    this.#assertOpen('get')
    const { tenants, reads, reading } = this.#parts
    const [fragment, transaction] = tenants.now(() => {
      const subjects = this.#parts.subjects.resolve(options.on)
      return [
        reads.fragment('get', subjects, options),
        reads.transactionOf(options.manager, subjects),
      ] as const
    })
    const value = await reading.fragments.get(fragment, transaction)
    return value as T | undefined
  }

  /**
   * A text that differs after every sweep of these subjects and stays the same while nothing changes: for ETags,
   * and for keys of other caches. While a write to them is in flight, within `replicaLag` of one, while the store does not
   * answer, and inside a transaction that has written, it equals no other. 1 round trip, 2 if a token was missing.
   */
  async version(on: On): Promise<string> {
    this.#assertOpen('version')
    return this.#parts.reading.versions.of(...this.#versionedBy(on))
  }

  /**
   * The version with its date, for HTTP and other caches that ask whether something has changed; undefined whenever
   * `version()` would equal no other. 1 round trip, 2 if a token was missing.
   */
  async validator(on: On): Promise<Validator | undefined> {
    this.#assertOpen('validator')
    return this.#parts.reading.versions.validatorOf(...this.#versionedBy(on))
  }

  /** What these subjects are called in `sweep` events: `Comment:17`, `Comment`; a list goes by the record whose list it is. */
  labels(on: On): readonly string[] {
    return this.#parts.tenants.now(() => this.#parts.subjects.labels(on))
  }

  /**
   * Sweeps by hand what the library cannot see change: `sweep(record(Comment, 17))`, `sweep(Comment)` for every comment.
   * 1 round trip, and the queries of the cascade.
   */
  async sweep(on: On, options: SweepOptions = {}): Promise<void> {
    this.#assertOpen('sweep')
    const { cascade = true, manager } = options
    await this.#parts.tenants.now(async () => {
      const targets = this.#parts.subjects.targets(on)
      const machinery = this.#parts.machinery()
      if (machinery === undefined || !this.#options.enabled) return
      await sweepByHand(machinery, this.#dataSource, targets, cascade, manager?.queryRunner)
    })
  }

  /**
   * Runs an import: what it writes, in this async context, is noted by type alone, and the types it wrote and all
   * they belong to are swept once when it settles, also by an error. `{ sweep: false }` leaves that out.
   * How far it has come is told by the event `bulk-progress`, at most once a second and once at the end.
   *
   * @example
   * sweeper.on('bulk-progress', ({ rows, elapsedMs }) => console.log(`${rows} rows in ${elapsedMs} ms`))
   * await sweeper.withoutSweeping(() => importComments())
   */
  async withoutSweeping<T>(
    work: () => T | Promise<T>,
    { sweep = true }: { readonly sweep?: boolean } = {},
  ): Promise<T> {
    this.#assertOpen('withoutSweeping')
    return withoutSweeping(this.#parts, async () => work(), sweep)
  }

  /**
   * From when it resolves, everything that was swept before is known to the near tier of this process, at every level.
   * 1 round trip, bounded by `timeout.read`; at once without a near tier. Never rejects: where it cannot be known the
   * tier is emptied.
   */
  async fence(): Promise<void> {
    this.#assertOpen('fence')
    await this.#parts.near?.fence()
  }

  /**
   * Runs work as one request: its reads at level `request` are as of one fence, which begins with it, and need no
   * further round trips; and nothing that it wrote is given to it out of `grace`. 1 round trip, of which the first read
   * of the near tier waits for the rest; none without a near tier. For a middleware that calls the rest of the
   * application inside it.
   *
   * @example
   * app.use((_request, _response, next) => sweeper.request(next))
   */
  request<T>(work: () => T): T {
    this.#assertOpen('request')
    const { near, requests } = this.#parts
    return requests.run(near?.begin(), work)
  }

  /** Makes every entry of this namespace unreachable. 1 round trip; nothing is searched or deleted. */
  async clear(): Promise<void> {
    this.#assertOpen('clear')
    await this.#parts.sweepAll('clear')
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
    return this.#parts.events.on(event, listener)
  }

  /**
   * Why a read would be a hit or a miss at this moment: which versions the entry was made under, which of them have moved
   * since, when, and by which write of this process, through which relations. `String()` of it is text for people.
   *
   * 1 round trip, up to 3 for a value whose factory added subjects. Loads and stores nothing, and asks the store, not
   * the near tier. Writes are recorded with the option `explain`: by default where NODE_ENV is not `production`.
   *
   * @param vary as in `getOrSet`
   * @throws {InvalidSubjectError} SWEEPER_INVALID_SUBJECT
   * @throws {MissingPrimaryKeyError} SWEEPER_MISSING_PRIMARY_KEY
   * @example
   * console.log(String(await sweeper.explain(record(Article, 7), 'article.page')))
   */
  async explain(on: On, key: string, vary: readonly unknown[] = []): Promise<Explanation> {
    this.#assertOpen('explain')
    const { tenants, subjects: resolver, reads, reading } = this.#parts
    const [fragment, isTold] = tenants.now(() => {
      const asked = reads.fragment('explain', resolver.resolve(on), { key, vary: [...vary] })
      return [asked, tenants.current !== null] as const
    })
    return reading.explaining.explain(fragment, isTold)
  }

  /** What the near tier of this process holds; undefined without one. */
  get nearTier(): NearTierState | undefined {
    const tier = this.#parts.near?.tier
    return tier && { entries: tier.size, bytes: tier.bytes, isListening: tier.isListening }
  }

  /** The declared cascade, as data and as a Mermaid diagram. */
  graph(): GraphData {
    return this.#parts.graph().toData()
  }

  /**
   * Delivers what is pending, within `timeout.delivery`, and lets go of the DataSource. Destroys nothing of yours:
   * neither the DataSource nor the store's client. `dataSource.destroy()` does the same first.
   */
  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  #versionedBy(on: On): [subjects: readonly Subject[], transaction: TransactionView] {
    return this.#parts.tenants.now(() => {
      const subjects = this.#parts.subjects.resolve(on)
      return [subjects, this.#parts.reads.transactionOf(undefined, subjects)]
    })
  }

  #askingOf<T>(options: GetOrSetOptions<T>): Asking<On> {
    const { factory, fresh = false, partOf, shadow } = options
    if (typeof factory !== 'function')
      throw new InvalidOptionError(
        `getOrSet ${quoted(options.key)}: factory is ${quoted(factory)}; give a function that makes the value`,
      )
    const subjects = this.#parts.subjects.resolve(options.on)
    return {
      fragment: this.#parts.reads.fragment('getOrSet', subjects, options),
      fresh,
      partOf,
      isRepeatable: shadow,
      transaction: this.#parts.reads.transactionOf(options.manager, subjects),
      factory,
    }
  }

  #attach(): Attachment {
    const { store, namespace, enabled } = this.#options
    return new Attachment({
      dataSource: this.#dataSource,
      store,
      namespace,
      engine: enabled ? this.#parts.engine : undefined,
      lifecycle: { initialized: () => this.#parts.initialized(), destroying: () => this.close() },
      replaced: () => void this.close(),
      released: () => {
        this.#parts.sweeps.close()
        this.#parts.near?.close()
        detachQueryCache(this.#dataSource, this.#parts.reading.queries)
        if (sweepers.get(this.#dataSource) === this) sweepers.delete(this.#dataSource)
      },
    })
  }

  async #close(): Promise<void> {
    this.#parts.flights.abortAll(new ClosedError('load'))
    const { deliveryMs } = this.#options
    await Promise.all([
      this.#parts.deliverWithin(deliveryMs),
      this.#parts.reading.shadow?.close(deliveryMs),
    ])
    this.#attachment.release()
  }

  #assertOpen(what: string): void {
    if (this.#closing !== undefined) throw new ClosedError(what)
  }
}
