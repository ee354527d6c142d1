import type { DataSource, EntityMetadata } from 'typeorm'
import type { EntityTarget } from '../model/entity-class'
import type { EntityGraph } from '../model/entity-graph'
import type { EntityType } from '../model/entity-type'
import { dialectOf } from '../model/sql-dialect'

interface KnownTable {
  readonly schema: string | undefined
  readonly database: string | undefined
  /** Writes to its rows move the tokens of these; undefined if they are not heard of. */
  readonly keys: readonly string[] | undefined
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

  /** The keys of its types. Undefined for a table that no entity describes. */
  ofTable(path: readonly string[]): readonly string[] | undefined {
    const [name = '', schema, database] = path.toReversed()
    const named = this.#byName.get(this.#fold(name)) ?? []
    const found = named.filter((table) => this.#isNamed(table, schema, database))
    if (found.length === 0 || found.some(({ keys }) => keys === undefined)) return undefined
    return found.flatMap(({ keys }) => keys ?? [])
  }

  /** The types of a view's own rows, which REFRESH and raw writes move. */
  ofView(path: readonly string[]): readonly string[] {
    const type = this.#graph.typeOfTarget(path.join('.'))
    return type?.metadata.tableType === 'view' ? [type.key] : []
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
      keys: this.#keysOf(metadata),
    }
    this.#byName.set(name, [...(this.#byName.get(name) ?? []), table])
  }

  #keysOf(metadata: EntityMetadata): readonly string[] | undefined {
    const own = this.#graph.typeOf(metadata)
    if (own !== undefined) return [own.key]
    const junction = this.#graph.junctionOf(metadata)
    if (junction !== undefined) {
      // Pairs also go with the records at their ends, which move the tokens of those.
      const ends = junction.ends.map(({ type }) => type.key)
      return junction.isDeclared ? ends : [...ends, metadata.tablePath]
    }
    // The rows of a closure table change with those of its tree.
    const tree = metadata.isClosureJunction
      ? this.#graph.typeOf(metadata.parentClosureEntityMetadata)
      : undefined
    return tree === undefined ? undefined : [tree.key]
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
