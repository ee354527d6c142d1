import type {
  DataSource,
  EntityManager,
  EntitySubscriberInterface,
  ObjectLiteral,
  QueryRunner,
} from 'typeorm'
import { FactoryBatch } from '../cache/factory-batch'
import type { Fragment } from '../cache/fragment'
import type { Asking } from '../cache/asking'
import type { Fragments } from '../cache/fragments'
import type { TransactionView } from '../cache/transaction-view'
import type { Duration } from '../core/duration'
import type { InstanceOrigins } from '../core/instance-origins'
import { isPlainKey, Remembered } from '../core/remembered'
import type { Subject } from '../core/subject'
import type { EntityTarget } from '../model/entity-class'
import { idFromValue, type RecordId } from '../model/record-id'
import type { FoundEntity } from '../model/type-index'
import { ObjectLoads, type ObjectLoadsParts } from './object-loads'
import { instanceOf } from './object-instances'
import { ObjectQueries } from './object-queries'
import type { ObjectQuery } from './object-query'
import { subjectOf } from './object-subject'
import { comparableTuples, type LoadedRows } from './row-tuples'
import { uniqueValues } from './unique-values'

/** How objects are asked for. */
export interface ObjectOptions {
  readonly relations?: readonly string[] | undefined
  readonly ttl?: Duration | undefined
  readonly fresh?: boolean | undefined
  readonly manager?: EntityManager | undefined
}

export interface ObjectParts extends ObjectLoadsParts {
  readonly dataSource: DataSource
  readonly fragments: Fragments<readonly Subject[]>
  readonly origins: InstanceOrigins
  isOurs(subscriber: EntitySubscriberInterface): boolean
  fragment(
    where: string,
    subjects: readonly Subject[],
    named: {
      readonly key: string
      readonly vary: readonly unknown[]
      readonly ttl?: Duration
    },
  ): Fragment
  transactionOf(manager: EntityManager | undefined): TransactionView
}

/** A record that was asked for, and where its object is kept. */
interface Named {
  readonly id: RecordId
  readonly fragment: Fragment
}

/** One takes 1.5 kB. */
const MAX_PER_GENERATION = 2_500

/** Objects that are read through: what is cached are their rows, what is given are instances. */
export class Objects {
  readonly #parts: ObjectParts
  readonly #loads: ObjectLoads
  readonly #queries: ObjectQueries
  readonly #known = new Remembered<ObjectQuery, Named>(MAX_PER_GENERATION)

  constructor(parts: ObjectParts) {
    this.#parts = parts
    this.#loads = new ObjectLoads(parts)
    this.#queries = new ObjectQueries({
      dataSource: parts.dataSource,
      isOurs: (subscriber) => parts.isOurs(subscriber),
      graph: () => parts.graph(),
    })
  }

  /** In the order of the ids. */
  async findMany(
    target: EntityTarget | string,
    ids: readonly unknown[],
    options: ObjectOptions,
    where: string,
  ): Promise<(object | null)[]> {
    const query = this.#queries.of(target, options.relations ?? [], where)
    const asked = ids.map((id) => this.#named(query, id))
    const runner = options.manager?.queryRunner
    const context = { runner, origins: this.#parts.origins }
    const answers = await this.#parts.fragments.getAll(this.#byId(query, asked, options, runner))
    const revived = new Map<unknown, Promise<object | null>>()
    const instances = answers.map((answer) => {
      const instance = revived.get(answer.value) ?? instanceOf(answer, query, context)
      revived.set(answer.value, instance)
      return instance
    })
    return Promise.all(instances)
  }

  /** Keys as plain objects: `{ id: 17 }`. */
  keysOf(
    target: EntityTarget | string,
    ids: readonly unknown[],
    where: string,
  ): readonly ObjectLiteral[] {
    const { type } = this.#queries.of(target, [], where)
    return ids.map((id) => idFromValue(type, id).map)
  }

  async findBy(
    target: EntityTarget | string,
    by: ObjectLiteral,
    options: ObjectOptions,
  ): Promise<object | null> {
    const query = this.#queries.of(target, options.relations ?? [], 'findBy')
    const values = uniqueValues(query.metadata, by)
    const where = Object.fromEntries(values)
    const runner = options.manager?.queryRunner
    const subjects = [subjectOf(this.#parts.keyspace, query, undefined, [])]
    const asking: Asking<readonly Subject[]> = {
      fragment: this.#fragment(query, {
        key: 'findBy',
        subjects,
        ttl: options.ttl,
        vary: values.flat(),
      }),
      fresh: options.fresh ?? false,
      transaction: this.#parts.transactionOf(options.manager),
      isFromPrimary: query.readsPrimary(runner),
      comparable: comparableTuples,
      factory: (load) =>
        this.#loads.run(load, {
          query,
          byKey: false,
          read: () => query.rowsWhere(where, runner),
        }),
    }
    const context = { runner, origins: this.#parts.origins }
    const [answer] = await this.#parts.fragments.getAll([asking])
    return answer === undefined ? null : instanceOf(answer, query, context)
  }

  /**
   * Loads records on this runner, outside any transaction, and stores them under the tokens they have now.
   * 1 query per class; a value is kept only if no other write to its record is in flight.
   */
  async refresh(entity: FoundEntity, ids: readonly RecordId[], runner: QueryRunner): Promise<void> {
    const query = this.#queries.ofEntity(entity, [], 'write-through')
    const asked = ids.map((id) => this.#name(query, id))
    const options = { fresh: true, manager: runner.manager }
    await this.#parts.fragments.getAll(this.#byId(query, asked, options, runner))
  }

  #byId(
    query: ObjectQuery,
    asked: readonly Named[],
    options: ObjectOptions,
    runner: QueryRunner | undefined,
  ): readonly Asking<readonly Subject[]>[] {
    const batch = new FactoryBatch('find', (missing: RecordId[]) => query.rowsOf(missing, runner))
    const transaction = this.#parts.transactionOf(options.manager)
    const isFromPrimary = query.readsPrimary(runner)
    const { ttl, fresh = false } = options
    return asked.map(({ id, fragment: known }) => {
      const fragment = ttl === undefined ? known : this.#ofRecord(query, id, ttl)
      return {
        fragment,
        fresh,
        transaction,
        isFromPrimary,
        comparable: comparableTuples,
        factory: (load) =>
          this.#loads.run(load, {
            query,
            byKey: true,
            // What rowsOf() answers.
            read: async () => (await batch.load(fragment.entryKey, id)) as LoadedRows,
          }),
      }
    })
  }

  /** Of plain ids once: its key takes longer to make than the instance. */
  #named(query: ObjectQuery, id: unknown): Named {
    const make = (): Named => this.#name(query, idFromValue(query.type, id))
    const isKnown = isPlainKey(id) && !this.#parts.keyspace.hasTenants
    return isKnown ? this.#known.of(query, id, make) : make()
  }

  #name(query: ObjectQuery, id: RecordId): Named {
    return { id, fragment: this.#ofRecord(query, id, undefined) }
  }

  #ofRecord(query: ObjectQuery, id: RecordId, ttl: Duration | undefined): Fragment {
    const { key } = query.type
    // The value of a virtual column is of other rows too: at least of those declared to belong to it.
    const isOwnRow = query.metadata.columns.every(({ isVirtualProperty }) => !isVirtualProperty)
    const subject = subjectOf(this.#parts.keyspace, query, id, [
      { key: this.#parts.keyspace.record(key, id.text), half: isOwnRow ? 'row' : 'whole' },
    ])
    return this.#fragment(query, { key: 'find', subjects: [subject], ttl, vary: [] })
  }

  #fragment(
    { metadata, digest }: ObjectQuery,
    {
      key,
      subjects,
      ttl,
      vary,
    }: {
      readonly key: string
      readonly subjects: readonly Subject[]
      readonly ttl: Duration | undefined
      readonly vary: readonly unknown[]
    },
  ): Fragment {
    const named = { key, vary: [metadata.name, digest, ...vary] }
    return this.#parts.fragment(key, subjects, ttl === undefined ? named : { ...named, ttl })
  }
}
