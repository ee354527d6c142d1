import type { DataSource, EntityMetadata } from 'typeorm'
import type { EntityTarget } from '../model/entity-class'
import type { EntityGraph } from '../model/entity-graph'
import type { EntityType } from '../model/entity-type'
import { dialectOf } from '../model/sql-dialect'

interface KnownTable {
  readonly schema: string | undefined
  readonly database: string | undefined
  /** Writes to its rows move the tokens of these; undefined if they are not heard of. */
  readonly types: readonly EntityType[] | undefined
}

/** Finds the types whose writes make the result of a query old, by the tables it names. */
export class QueryTables {
  readonly #graph: EntityGraph
  readonly #byName = new Map<string, KnownTable[]>()
  readonly #foldsCase: boolean
  readonly #defaultSchema: string | undefined
  readonly #defaultDatabase: string | undefined

  constructor(dataSource: DataSource, graph: EntityGraph) {
    this.#graph = graph
    this.#foldsCase = !['postgres', 'mysql'].includes(dialectOf(dataSource))
    this.#defaultSchema = dataSource.driver.schema
    this.#defaultDatabase = dataSource.driver.database
    for (const metadata of dataSource.entityMetadatas) this.#add(metadata)
  }

  /** Undefined for a table that no entity describes, and for one whose writes move no token. */
  ofTable(path: readonly string[]): readonly EntityType[] | undefined {
    const [name = '', schema, database] = path.toReversed()
    const named = this.#byName.get(this.#fold(name)) ?? []
    const found = named.filter((table) => this.#isNamed(table, schema, database))
    if (found.length === 0 || found.some(({ types }) => types === undefined)) return undefined
    return found.flatMap(({ types }) => types ?? [])
  }

  /** The types of a view's own rows, which REFRESH and raw writes move. */
  ofView(path: readonly string[]): readonly EntityType[] {
    const type = this.#graph.typeOfTarget(path.join('.'))
    return type?.metadata.tableType === 'view' ? [type] : []
  }

  ofEntity(target: EntityTarget): EntityType | undefined {
    return this.#graph.typeOfTarget(target)
  }

  #add(metadata: EntityMetadata): void {
    if (metadata.tableType === 'view') return
    const name = this.#fold(metadata.tableName)
    const table = {
      schema: metadata.schema ?? this.#defaultSchema,
      database: metadata.database ?? this.#defaultDatabase,
      types: this.#typesOf(metadata),
    }
    this.#byName.set(name, [...(this.#byName.get(name) ?? []), table])
  }

  #typesOf(metadata: EntityMetadata): readonly EntityType[] | undefined {
    const own = this.#graph.typeOf(metadata)
    if (own !== undefined) return [own]
    const junction = this.#graph.junctionOf(metadata)
    if (junction !== undefined)
      return junction.isDeclared ? junction.ends.map(({ type }) => type) : undefined
    // The rows of a closure table change with those of its tree.
    const tree = metadata.isClosureJunction
      ? this.#graph.typeOf(metadata.parentClosureEntityMetadata)
      : undefined
    return tree === undefined ? undefined : [tree]
  }

  /** `comment` is the default schema's; MySQL writes `database.table`, and its driver calls none a schema. */
  #isNamed(table: KnownTable, schema: string | undefined, database: string | undefined): boolean {
    const is = (given: string, own: string | undefined): boolean =>
      own !== undefined && this.#fold(given) === this.#fold(own)
    if (database !== undefined)
      return is(database, table.database) && is(schema ?? '', table.schema)
    if (schema !== undefined)
      return table.schema === undefined ? is(schema, table.database) : is(schema, table.schema)
    return table.schema === this.#defaultSchema && table.database === this.#defaultDatabase
  }

  #fold(name: string): string {
    return this.#foldsCase ? name.toLowerCase() : name
  }
}
