import type { DataSource, QueryRunner } from 'typeorm'
import { queryCacheOf } from './attached'
import { DeclaredSources, type QuerySources } from './declared-sources'
import type { PinnedMiss, QueryCache } from './query-cache'
import { QueryPlans, type QueryPlan, type UncachedPlan } from './query-plans'

type TypeOrmCache = NonNullable<DataSource['queryResultCache']>
type CacheOptions = Parameters<TypeOrmCache['storeInCache']>[0]

/** What TypeORM carries from `getFromCache` to `storeInCache`. */
class Saved implements CacheOptions {
  readonly duration: number
  readonly time = Date.now()
  readonly result: string | undefined
  readonly miss: PinnedMiss | undefined

  constructor({ duration }: CacheOptions, found: { result: string } | { miss: PinnedMiss }) {
    this.duration = duration
    this.result = 'result' in found ? found.result : undefined
    this.miss = 'miss' in found ? found.miss : undefined
  }
}

/** Between the SQL and its parameters in the text that TypeORM gives; what follows is a comment to every database. */
const PARAMETERS = ' -- PARAMETERS: '

/** A Buffer that TypeORM has written as JSON comes back as a plain object, from every provider. */
const BUFFER = '{"type":"Buffer","data":['

class SweptQueryCache implements TypeOrmCache {
  readonly #dataSource: DataSource
  readonly #declared: DeclaredSources
  #plans: QueryPlans | undefined
  #hasWarned = false

  constructor(dataSource: DataSource, declared: DeclaredSources) {
    this.#dataSource = dataSource
    this.#declared = declared
  }

  async connect(): Promise<void> {}
  async disconnect(): Promise<void> {}
  async synchronize(): Promise<void> {}

  async getFromCache(
    options: CacheOptions,
    runner?: QueryRunner,
  ): Promise<CacheOptions | undefined> {
    const cache = this.#cache()
    const { query: text, identifier, duration } = options
    if (cache?.isOn !== true || text === undefined) return undefined
    const plan = this.#planOf(cache, text)
    if ('uncached' in plan) {
      tellOnce(cache, plan)
      return undefined
    }
    // TypeORM's own providers take an empty id for none.
    const id = identifier === '' ? undefined : identifier
    const found = await cache.find({ text, id, ttlMs: duration, types: plan.types, runner })
    return 'uncached' in found ? undefined : new Saved(options, found)
  }

  /** What was pinned travels in `saved`: TypeORM hands it over from the look that found nothing. */
  async storeInCache({ result }: CacheOptions, saved: CacheOptions | undefined): Promise<void> {
    const cache = this.#cache()
    if (cache === undefined || !(saved instanceof Saved) || saved.miss === undefined) return
    if (typeof result !== 'string' || result.includes(BUFFER)) return
    cache.store(saved.miss, result)
  }

  isExpired(saved: CacheOptions): boolean {
    return saved.result === undefined
  }

  async clear(): Promise<void> {
    await this.#cache()?.sweep()
  }

  async remove(identifiers: string[]): Promise<void> {
    await this.#cache()?.sweep(identifiers)
  }

  #planOf(cache: QueryCache, text: string): QueryPlan {
    const graph = cache.graph()
    if (this.#plans?.graph !== graph)
      this.#plans = new QueryPlans(this.#dataSource, graph, this.#declared)
    return this.#plans.of(text.slice(0, text.lastIndexOf(PARAMETERS)))
  }

  #cache(): QueryCache | undefined {
    const cache = queryCacheOf(this.#dataSource)
    if (cache === undefined && !this.#hasWarned) {
      this.#hasWarned = true
      this.#dataSource.logger.log(
        'warn',
        'typeorm-sweeper: sweptQueryCache caches nothing, its DataSource has no Sweeper; make one with new Sweeper(dataSource, options)',
      )
    }
    return cache
  }
}

function tellOnce(cache: QueryCache, plan: UncachedPlan): void {
  if (plan.isTold) return
  plan.isTold = true
  cache.warn(`query "${plan.head}" is not cached: ${plan.uncached}`)
}

/**
 * The `provider` of TypeORM's `cache` option: what `{ cache: true }` and `.cache(...)` store belongs to the tables that
 * its SQL reads, and is a miss from the moment a write to any of them commits. Needs a Sweeper for the DataSource.
 *
 * A hit costs 1 round trip and no query; a miss 1, or 2 if a token was missing, and the query.
 * While the store does not answer, queries go to the database.
 *
 * @example
 * const dataSource = new DataSource({ type: 'postgres', entities: [Article], cache: { provider: sweptQueryCache } })
 * const sweeper = new Sweeper(dataSource)
 * await dataSource.getRepository(Article).find({ cache: 60_000 })
 */
export function sweptQueryCache(dataSource: DataSource): TypeOrmCache {
  return new SweptQueryCache(dataSource, NOTHING_DECLARED)
}

/**
 * The same, with what the text of a query does not tell: what views and functions read.
 *
 * @throws {InvalidOptionError} SWEEPER_INVALID_OPTION
 * @example
 * cache: { provider: sweptQueryCache.with({ views: { article_stats: [Article, Comment] } }) }
 */
sweptQueryCache.with = (sources: QuerySources): ((dataSource: DataSource) => TypeOrmCache) => {
  const declared = new DeclaredSources(sources)
  return (dataSource) => new SweptQueryCache(dataSource, declared)
}

const NOTHING_DECLARED = new DeclaredSources({})
