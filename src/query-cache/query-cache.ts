import type { DataSource, QueryRunner } from 'typeorm'
import type { Filling } from '../cache/filling'
import { subjectLabel, tokensOf, type Fragment } from '../cache/fragment'
import { NO_STORE } from '../cache/found'
import type { Lookup } from '../cache/lookup'
import type { SharedRunnerWatch, TransactionView } from '../cache/transaction-view'
import { StoreUnavailableError } from '../core/errors'
import type { Events } from '../core/events'
import { Keyspace } from '../core/keyspace'
import type { Subject, SubjectToken } from '../core/subject'
import type { MissReason, SweeperEvents } from '../core/sweeper-events'
import type { Tenants } from '../core/tenants'
import { encodeValue } from '../core/value-codec'
import { EntityGraph } from '../model/entity-graph'
import { isPrimary } from '../model/primary'
import { MIN_TOKEN_LIFE_MS } from '../store/token'
import type { Pin, Pins } from '../version/pins'

export interface QueryCacheParts {
  readonly dataSource: DataSource
  readonly keyspace: Keyspace
  readonly tenants: Tenants
  readonly lookup: Lookup
  readonly pins: Pins
  readonly filling: Filling
  readonly events: Events<SweeperEvents>
  /** False for a Sweeper that is off. */
  readonly isOn: boolean
  /** Whether the query is part of a load that is compared with what is cached. */
  isBypassed(): boolean
  transactionOf(runner: QueryRunner): TransactionView
  sharedRunner(): SharedRunnerWatch
  /** Moves these tokens. */
  sweep(keys: readonly string[]): Promise<void>
  warn(message: string): void
}

/** A query that is asked for. */
export interface AskedQuery {
  /** With its parameters. */
  readonly text: string
  readonly id: string | undefined
  readonly ttlMs: number
  /** Keys of types, and paths of tables of pairs. */
  readonly types: readonly string[]
  readonly runner: QueryRunner | undefined
}

/** What a look came to: the result as it was stored, or what a fill will need. */
export type FoundQuery =
  { readonly result: string } | { readonly miss: PinnedMiss } | { readonly uncached: true }

/** Tokens that were read before the query was sent; its result is stored under these, however late it comes. */
export interface PinnedMiss {
  readonly fragment: Fragment
  readonly pin: Pin
  readonly sinceMs: number
  /** Asked of a query runner that TypeORM has bound to the primary. */
  readonly isFromPrimary: boolean
  wasQuiet(): boolean
}

const NAME = 'query'
const UNCACHED = { uncached: true } as const

/** Results of queries, each of which belongs to the types that it reads. */
export class QueryCache {
  readonly #parts: QueryCacheParts
  #names: { readonly graph: EntityGraph; readonly byKey: ReadonlyMap<string, string> } | undefined

  constructor(parts: QueryCacheParts) {
    this.#parts = parts
  }

  get isOn(): boolean {
    return this.#parts.isOn
  }

  /** Made anew when the DataSource is initialized again. */
  graph(): EntityGraph {
    return EntityGraph.of(this.#parts.dataSource)
  }

  /** A hit: 1 round trip. A miss: 1, 2 if a token was missing. Rejects for nothing that the store does. */
  async find(asked: AskedQuery): Promise<FoundQuery> {
    return this.#parts.isBypassed() ? UNCACHED : this.#parts.tenants.now(() => this.#find(asked))
  }

  async #find(asked: AskedQuery): Promise<FoundQuery> {
    const { lookup, sharedRunner, keyspace } = this.#parts
    const transaction = this.#transactionOf(asked.runner)
    const startedMs = performance.now()
    const fragment = this.#fragment(asked)
    if (keyspace.tenant === null) return this.#missed(fragment, 'tenant', startedMs)
    if (transaction?.hasWritten === true) return UNCACHED
    const found = await lookup.find(fragment)
    if (found === NO_STORE) return this.#missed(fragment, 'store', startedMs)
    if (found.hit && typeof found.value === 'string') {
      this.#parts.events.emit('hit', () => ({
        subject: subjectLabel(fragment.subjects),
        key: NAME,
        durationMs: since(startedMs),
      }))
      return { result: found.value }
    }
    this.#missed(fragment, found.hit ? 'unreadable' : found.reason, startedMs)
    if (transaction?.isOpen === true) return UNCACHED
    try {
      const lifeMs = Math.max(MIN_TOKEN_LIFE_MS, fragment.ttlMs * 4)
      const pin = await this.#parts.pins.complete(fragment.tokens, found.reading, lifeMs)
      const wasQuiet = sharedRunner().begin()
      const { driver } = this.#parts.dataSource
      const isFromPrimary = isPrimary(driver, asked.runner)
      return { miss: { fragment, pin, isFromPrimary, wasQuiet, sinceMs: performance.now() } }
    } catch (error) {
      if (!(error instanceof StoreUnavailableError)) throw error
      return UNCACHED
    }
  }

  /** 1 round trip, which nobody waits for. */
  store(miss: PinnedMiss, result: string): void {
    const { fragment, pin, isFromPrimary, sinceMs } = miss
    if (!miss.wasQuiet()) return
    const load = { ttlMs: fragment.ttlMs, isSkipped: false, added: [], addedState: () => undefined }
    const value = encodeValue(result, { key: NAME })
    const loadMs = since(sinceMs)
    void this.#parts.filling.store({ fragment, pin, load, value, loadMs, isFromPrimary })
  }

  /** Makes the results with these ids unreachable; all results where none are given. 1 round trip. */
  async sweep(ids?: readonly string[]): Promise<void> {
    const { keyspace } = this.#parts
    if (ids?.length === 0) return
    if (keyspace.tenant === null) return this.#parts.sweep([keyspace.everyonesQueries])
    await this.#parts.sweep(
      ids === undefined ? [keyspace.queries()] : ids.map((id) => keyspace.queries(id)),
    )
  }

  warn(message: string): void {
    this.#parts.warn(message)
  }

  #transactionOf(runner: QueryRunner | undefined): TransactionView | undefined {
    return runner === undefined ? undefined : this.#parts.transactionOf(runner)
  }

  #missed(fragment: Fragment, reason: MissReason, startedMs: number): typeof UNCACHED {
    this.#parts.events.emit('miss', () => ({
      subject: subjectLabel(fragment.subjects),
      key: fragment.name,
      reason,
      durationMs: since(startedMs),
    }))
    return UNCACHED
  }

  /** Of an entity; a table of pairs goes by its path. */
  #nameOf(type: string): string {
    const graph = this.graph()
    if (this.#names?.graph !== graph)
      this.#names = { graph, byKey: new Map(graph.types.map(({ key, name }) => [key, name])) }
    return this.#names.byKey.get(type) ?? type
  }

  #fragment({ text, id, ttlMs, types }: AskedQuery): Fragment {
    const { keyspace } = this.#parts
    const own = new Set([keyspace.queries(), keyspace.everyonesQueries])
    if (id !== undefined) own.add(keyspace.queries(id))
    const subjects: Subject[] = types.map((type) => ({
      tag: Keyspace.typeTag(type),
      label: this.#nameOf(type),
      tokens: [
        keyspace.collection(type),
        ...keyspace.typesBeside(Keyspace.typeTag(type), type),
      ].map(whole),
      attribute: undefined,
      instance: undefined,
      ttlMs: undefined,
    }))
    const tags = subjects.map(({ tag }) => tag)
    const tokens = [...[...own].map(whole), ...tokensOf(subjects)]
    const entryKey = keyspace.entry(tags, NAME, [id ?? null, text])
    return {
      ...{ subjects, name: NAME, entryKey, tokens, ttlMs },
      ...{ attribute: undefined, near: undefined, graceMs: 0, leaseMs: 0 },
    }
  }
}

function whole(key: string): SubjectToken {
  return { key, half: 'whole' }
}

function since(startedMs: number): number {
  return performance.now() - startedMs
}
