import type { EntityMetadata, QueryRunner, SelectQueryBuilder } from 'typeorm'

type Column = EntityMetadata['columns'][number]

interface NamedAlias {
  name: string
  readonly hasMetadata: boolean
  readonly metadata: EntityMetadata
}

/** The part of a clone's own state that is changed. */
interface CloneableMap {
  aliases: readonly NamedAlias[]
  mainAlias?: NamedAlias
}

/** What TypeORM's write query builders have in common, as far as it is read or used here (typeorm 0.3.20 to 1.1.1). */
export interface WriteBuilder {
  readonly expressionMap: {
    readonly queryType: string
    readonly mainAlias?: { readonly hasMetadata: boolean; readonly metadata: EntityMetadata }
    readonly valuesSet?: unknown
    readonly whereEntities: readonly object[]
    readonly returning: unknown
    readonly onIgnore?: unknown
    readonly onUpdate?: { readonly conflict?: unknown } | undefined
    readonly insertFromSelect?: unknown
    readonly updateEntity: boolean
    readonly limit?: number | undefined
    useTransaction: boolean
    extraReturningColumns: Column[]
  }
  clone(): WriteBuilder & { readonly expressionMap: CloneableMap }
  getQuery(): string
  setQueryRunner(runner: QueryRunner): WriteBuilder
  select(selection: string[]): SelectQueryBuilder<Record<string, unknown>>
}

/** The builder's own runner; TypeORM declares it protected. */
interface WithRunner {
  queryRunner?: QueryRunner | undefined
}

export type StatementKind = 'insert' | 'update' | 'delete' | 'soft-delete' | 'restore'

/** What a write query builder gives its caller, as far as it is read here. */
export interface WriteResult {
  raw?: unknown
  affected?: number | null
  identifiers?: readonly (object | undefined)[]
}

/** One execution of a write query builder. */
export class WriteStatement {
  readonly kind: StatementKind
  readonly metadata: EntityMetadata
  readonly #builder: WriteBuilder
  #returnsOfTypeOrm: Column[] | undefined

  private constructor(builder: WriteBuilder, kind: StatementKind, metadata: EntityMetadata) {
    this.#builder = builder
    this.kind = kind
    this.metadata = metadata
  }

  /** Undefined for a table that no entity knows: its SQL is read like any raw statement. */
  static of(builder: WriteBuilder): WriteStatement | undefined {
    const { queryType, mainAlias } = builder.expressionMap
    if (!isStatementKind(queryType) || mainAlias?.hasMetadata !== true) return undefined
    return new WriteStatement(builder, queryType, mainAlias.metadata)
  }

  /** The values given to INSERT, one object per row; the object given to UPDATE. */
  get values(): readonly object[] {
    const { valuesSet } = this.#builder.expressionMap
    return (Array.isArray(valuesSet) ? valuesSet : [valuesSet]).filter(isObject)
  }

  /** The entities of `whereEntity()`: what `save()` names its rows by. */
  get whereEntities(): readonly object[] {
    return this.#builder.expressionMap.whereEntities
  }

  /** INSERT ... SELECT: nothing is known about the rows. */
  get isFromSelect(): boolean {
    return this.#builder.expressionMap.insertFromSelect != null
  }

  /** INSERT that may do something else than insert: the keys TypeORM reports for it may be of other rows. */
  get mayNotInsert(): boolean {
    const { onIgnore, onUpdate } = this.#builder.expressionMap
    return Boolean(onIgnore) || onUpdate != null
  }

  /** The columns that an upsert decides by, when it names columns that exist. */
  get conflictColumns(): readonly Column[] | undefined {
    const conflict = this.#builder.expressionMap.onUpdate?.conflict
    if (!Array.isArray(conflict) || conflict.length === 0) return undefined
    const columns = conflict.map((name: unknown) =>
      this.metadata.columns.find(
        (column) => column.databaseName === name || column.propertyPath === name,
      ),
    )
    return columns.every((column) => column !== undefined) ? columns : undefined
  }

  get wantsTransaction(): boolean {
    return this.#builder.expressionMap.useTransaction
  }

  /** Whether UPDATE sets this column, in whatever way TypeORM lets one write it. */
  sets(column: Column): boolean {
    const relations = this.metadata.relations.filter(({ joinColumns }) =>
      joinColumns.includes(column),
    )
    return this.values.some(
      (values) =>
        column.getEntityValue(values) !== undefined ||
        // `{ comment: null }` beside a plain column: the column says undefined.
        relations.some((relation) => relation.getEntityValue(values) !== undefined),
    )
  }

  /** The same rows as a SELECT without columns: the caller adds those it wants. */
  asSelect(runner: QueryRunner, limit: number): SelectQueryBuilder<Record<string, unknown>> {
    const builder = this.#builder.clone()
    // Making its SQL adds the condition that leaves alone what is (not) deleted already (typeorm 1.1.1).
    if (this.kind === 'soft-delete' || this.kind === 'restore') builder.getQuery()
    nameAsTable(builder.expressionMap, this.metadata.tableName)
    const select = builder.setQueryRunner(runner).select([]).withDeleted().cache(false)
    if (isOnlyForWriting(select.getQuery()))
      throw new Error(`${this.kind} ${this.metadata.name}: its WHERE cannot be a SELECT's`)
    return this.#builder.expressionMap.limit === undefined ? select.limit(limit) : select
  }

  /** Has the database return these columns of the rows it writes (RETURNING), beside what the caller wants. */
  alsoReturn(columns: readonly Column[]): void {
    const map = this.#builder.expressionMap
    this.#returnsOfTypeOrm ??= map.extraReturningColumns
    map.extraReturningColumns = [
      ...map.extraReturningColumns,
      ...columns.filter((column) => !map.extraReturningColumns.includes(column)),
    ]
  }

  /** Takes that back, before the statement is sent. */
  returnNothingMore(): void {
    if (this.#returnsOfTypeOrm !== undefined)
      this.#builder.expressionMap.extraReturningColumns = this.#returnsOfTypeOrm
  }

  /** The columns that the caller asked to have returned; undefined where he asked by text, which returns what it says. */
  get returnedColumns(): readonly Column[] | undefined {
    const { returning } = this.#builder.expressionMap
    if (returning == null || returning === '') return []
    if (!Array.isArray(returning)) return undefined
    return returning.flatMap((path: unknown) =>
      typeof path === 'string' ? this.metadata.findColumnsWithPropertyPath(path) : [],
    )
  }

  /** Whether TypeORM will decide on its own which columns are returned: for the entities that it completes with them. */
  get returnsToEntities(): boolean {
    const { updateEntity, whereEntities } = this.#builder.expressionMap
    return updateEntity && (this.kind === 'insert' || whereEntities.length > 0)
  }

  /**
   * Runs `work` with the builder bound to this runner, and outside a transaction of the builder's own.
   * Afterwards the builder is what it was: it may be executed again, or asked for its SQL.
   */
  async on<T>(runner: QueryRunner, work: () => Promise<T>): Promise<T> {
    const builder = this.#builder as unknown as WithRunner
    const map = this.#builder.expressionMap
    const { queryRunner } = builder
    const { useTransaction, extraReturningColumns } = map
    builder.queryRunner = runner
    map.useTransaction = false
    try {
      return await work()
    } finally {
      builder.queryRunner = queryRunner
      map.useTransaction = useTransaction
      map.extraReturningColumns = extraReturningColumns
    }
  }

  /** The runner the builder was made with, if any. */
  get runner(): QueryRunner | undefined {
    return (this.#builder as unknown as WithRunner).queryRunner
  }
}

/**
 * An UPDATE has no alias: a subquery in its WHERE calls the row by the table's name, and must be understood.
 * Aliases that the builder was made with play no part in it, and would be tables to a SELECT
 * (typeorm 0.3.20 EntityManager.increment).
 */
function nameAsTable(map: CloneableMap, tableName: string): void {
  const own = map.aliases.find(({ name }) => name === map.mainAlias?.name)
  if (own === undefined) return
  own.name = tableName
  map.aliases = [own]
  map.mainAlias = own
}

/**
 * What a SELECT would refuse or, worse, do once more: on PostgreSQL the one would abort the caller's transaction.
 * `WHERE CURRENT OF`, a column by schema and table, a common table expression.
 */
function isOnlyForWriting(sql: string): boolean {
  const where = sql.slice(sql.indexOf(' WHERE ') + 1)
  return (
    /^\s*WITH\b/i.test(sql) ||
    /\bCURRENT\s+OF\b/i.test(where) ||
    /[\w"`]\s*\.\s*["`]?\w+["`]?\s*\.\s*["`]?\w/.test(where)
  )
}

function isStatementKind(queryType: string): queryType is StatementKind {
  return ['insert', 'update', 'delete', 'soft-delete', 'restore'].includes(queryType)
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}
