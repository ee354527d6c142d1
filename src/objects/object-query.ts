import type {
  DataSource,
  EntityMetadata,
  ObjectLiteral,
  QueryRunner,
  SelectQueryBuilder,
} from 'typeorm'
import { digestOf } from '../core/digest'
import type { EntityType, Relation } from '../model/entity-type'
import { idFromRow, type RecordId } from '../model/record-id'
import type { FoundEntity } from '../model/type-index'
import { isPrimary } from '../model/primary'
import type { RelationTree } from './relation-tree'
import { isPlain, RowHydrator, type RowHydratorParts } from './row-hydrator'
import type { LoadedRows, RawRow, Tuples } from './row-tuples'

type Select = SelectQueryBuilder<ObjectLiteral>

/** A relation that is loaded along, and the relations beyond it. */
export interface Joined {
  readonly relation: Relation
  readonly beyond: readonly Joined[]
}

/** What of a query builder is put in the place of its own. TypeORM declares both protected. */
interface Reviving {
  loadRawResults(): Promise<readonly RawRow[]>
  queryRunner?: QueryRunner | undefined
}

export type ObjectQueryParts = Pick<RowHydratorParts, 'dataSource' | 'isOurs'>

/** Ids in one statement: below every driver's parameter limit, composite keys included. */
const CHUNK = 1000
const ALIAS = 'object'

/**
 * How objects of one class are read, with one set of relations. The rows are what is cached; TypeORM itself makes
 * instances of them, on a hit as on a miss, so that classes, column types, transformers, embedded objects, children of
 * single-table inheritance, lazy relations and `@AfterLoad` are what they are without a cache.
 */
export class ObjectQuery {
  /** Tells apart queries with other columns: another release's rows are a miss, not half an object. */
  readonly digest: string
  readonly joined: readonly Joined[]
  readonly metadata: EntityMetadata
  readonly type: EntityType
  readonly #dataSource: DataSource
  readonly #relations: RelationTree
  readonly #template: Select
  readonly #quietTemplate: Select
  readonly #hydrator: RowHydrator | undefined

  constructor(
    { dataSource, isOurs }: ObjectQueryParts,
    { metadata, type }: FoundEntity,
    relations: RelationTree,
  ) {
    this.#dataSource = dataSource
    this.metadata = metadata
    this.type = type
    this.#relations = relations
    this.#template = this.#select()
    this.#quietTemplate = this.#select().callListeners(false)
    this.digest = digestOf(this.#template.getQuery())
    this.joined = joinedFrom(this.#template, ALIAS)
    const isWhole = this.#template.expressionMap.joinAttributes.length === 0 && isPlain(metadata)
    this.#hydrator = isWhole
      ? new RowHydrator({ dataSource, metadata, alias: ALIAS, isOurs })
      : undefined
  }

  /** Rows by id, in the order of the ids. 1 query per thousand. */
  async rowsOf(
    ids: readonly RecordId[],
    runner: QueryRunner | undefined,
  ): Promise<readonly LoadedRows[]> {
    const found = new Map<string, RawRow[]>()
    const loadedAtMs = Date.now()
    for (let start = 0; start < ids.length; start += CHUNK) {
      const chunk = ids.slice(start, start + CHUNK)
      for (const { id, row } of await this.#onPrimary(runner, (on) => this.#keyedRows(chunk, on))) {
        const rows = found.get(id)
        if (rows === undefined) found.set(id, [row])
        else rows.push(row)
      }
    }
    return ids.map(({ text }) => ({ loadedAtMs, rows: found.get(text) ?? [] }))
  }

  /** The rows of the one object with these values. 1 query. */
  async rowsWhere(where: ObjectLiteral, runner: QueryRunner | undefined): Promise<LoadedRows> {
    const loadedAtMs = Date.now()
    const rows = await this.#onPrimary(runner, (on) => this.#select(on, where).getRawMany<RawRow>())
    return { loadedAtMs, rows }
  }

  /** The instance, outside of transactions, where nobody has to be told of it; undefined where `revive` has to be used. */
  hydrate(tuples: Tuples): object | undefined {
    return this.#hydrator?.hydrate(tuples)
  }

  /** The instance that rows are of. No query; listeners and subscribers hear of it as of any other load. */
  revive(rows: readonly RawRow[], runner?: QueryRunner): Promise<object | null> {
    return this.#reviveBy(this.#template, rows, runner)
  }

  /** The same without telling anybody: to see what it is made of. */
  inspect(rows: readonly RawRow[]): Promise<object | null> {
    return this.#reviveBy(this.#quietTemplate, rows, undefined)
  }

  async #reviveBy(
    template: Select,
    rows: readonly RawRow[],
    runner: QueryRunner | undefined,
  ): Promise<object | null> {
    if (rows.length === 0) return null
    // typeorm 1.1.1 SelectQueryBuilder.executeEntitiesAndRawResults: everything but loadRawResults() is hydration;
    // @RelationId properties change the expression map as they are read, and want one of their own.
    const hasRelationIds = template.expressionMap.aliases.some(
      (alias) => alias.hasMetadata && alias.metadata.relationIds.length > 0,
    )
    const select = hasRelationIds ? template.clone() : (Object.create(template) as Select)
    const reviving: Reviving = {
      loadRawResults: () => Promise.resolve(rows),
      ...(runner && { queryRunner: runner }),
    }
    Object.assign(select, reviving)
    return (await select.getMany())[0] ?? null
  }

  #select(runner?: QueryRunner, where?: ObjectLiteral): Select {
    return this.#dataSource
      .createQueryBuilder<ObjectLiteral>(this.metadata.target, ALIAS, runner)
      .setFindOptions({
        relations: this.#relations,
        relationLoadStrategy: 'join',
        ...(where && { where }),
      })
      .cache(false)
  }

  /** Whether it is certain that no replica answers. */
  readsPrimary(runner: QueryRunner | undefined): boolean {
    const { driver } = this.#dataSource
    return driver.isReplicated && (runner === undefined || isPrimary(driver, runner))
  }

  /** What a replica says may be older than the tokens that it would be kept under (consistency H23). */
  async #onPrimary<T>(
    given: QueryRunner | undefined,
    read: (runner: QueryRunner | undefined) => Promise<T>,
  ): Promise<T> {
    if (given !== undefined || !this.#dataSource.driver.isReplicated) return read(given)
    const runner = this.#dataSource.createQueryRunner('master')
    try {
      return await read(runner)
    } finally {
      await runner.release()
    }
  }

  async #keyedRows(
    ids: readonly RecordId[],
    runner: QueryRunner | undefined,
  ): Promise<readonly { readonly id: string; readonly row: RawRow }[]> {
    const select = this.#select(runner).whereInIds(ids.map(({ map }) => map))
    const keys = this.type.idColumns.map(({ databaseName }, at) => {
      const key = `sweeper_key_${at}`
      select.addSelect(`${select.escape(ALIAS)}.${select.escape(databaseName)}`, key)
      return key
    })
    const found = await select.getRawMany<RawRow>()
    return found.map((raw) => {
      const values = keys.map((key) => raw[key])
      const columns = Object.entries(raw).filter(([name]) => !keys.includes(name))
      return { id: idFromRow(this.type, values).text, row: Object.fromEntries(columns) }
    })
  }
}

function joinedFrom({ expressionMap }: Select, parent: string): readonly Joined[] {
  return expressionMap.joinAttributes.flatMap((join) =>
    join.parentAlias === parent && join.relation !== undefined
      ? [
          {
            relation: join.relation,
            beyond: joinedFrom({ expressionMap } as Select, join.alias.name),
          },
        ]
      : [],
  )
}
