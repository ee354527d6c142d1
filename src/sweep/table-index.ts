import type { DataSource } from 'typeorm'
import type { SqlStatement } from '../core/sql-statement'
import type { SqlDialect } from '../core/sql-tokens'
import type { EntityGraph } from '../model/entity-graph'
import type { EntityType } from '../model/entity-type'
import { dialectOf } from '../model/sql-dialect'
import { typesUpdatedAlong, withDeletedAlong, withTruncatedAlong } from './changed-along'

/** Tables that TypeORM keeps for itself: nothing that is cached is made of them. */
const OWN_TABLES = ['migrations', 'typeorm_metadata', 'query-result-cache']

/** Words of statements after which rows may be gone; REPLACE deletes what is in its way. */
const REMOVING = ['delete', 'truncate', 'drop', 'replace', 'merge']

/** Finds the types whose tables a raw statement writes to. */
export class TableIndex {
  readonly dialect: SqlDialect
  readonly #graph: EntityGraph
  readonly #byName = new Map<string, readonly EntityType[]>()
  readonly #ignored: ReadonlySet<string>
  readonly #warned = new Set<string>()
  readonly #warn: (message: string) => void

  constructor(dataSource: DataSource, graph: EntityGraph, warn: (message: string) => void) {
    this.dialect = dialectOf(dataSource)
    this.#graph = graph
    this.#warn = warn
    this.#ignored = new Set([...OWN_TABLES, ...ownTablesOf(dataSource)])
    for (const type of graph.types) this.#add(type.metadata.tableName, [type])
    for (const { metadata, ends } of graph.junctions())
      this.#add(
        metadata.tableName,
        ends.map(({ type }) => type),
      )
    for (const name of graph.otherTables()) if (!this.#byName.has(fold(name))) this.#add(name, [])
  }

  /** The types to sweep for these statements; all of them where one writes nobody knows where. */
  writtenBy(statements: readonly SqlStatement[]): readonly EntityType[] {
    const types = new Set<EntityType>()
    for (const statement of statements) {
      if (statement.effect !== 'write' && statement.effect !== 'unknown') continue
      const found = this.#named(statement)
      if (found === undefined || statement.effect === 'unknown') {
        this.#warnOnce(statement)
        return this.#graph.types
      }
      for (const type of this.#withRowsAlong(found, statement)) types.add(type)
    }
    return [...types]
  }

  /** What the database changes along with the rows of these types: by its foreign keys. */
  #withRowsAlong(types: readonly EntityType[], { names }: SqlStatement): readonly EntityType[] {
    const graph = this.#graph
    const words = new Set(
      names.map(([first, ...more]) => (more.length > 0 ? '' : fold(first ?? ''))),
    )
    const updated = types.flatMap((type) => [type, ...typesUpdatedAlong(graph, type, () => true)])
    if (words.has('truncate') && words.has('cascade')) return withTruncatedAlong(graph, updated)
    return REMOVING.some((word) => words.has(word)) ? withDeletedAlong(graph, updated) : updated
  }

  /** The types of all tables a statement names; undefined if it names none that is known. */
  #named({ names }: SqlStatement): readonly EntityType[] | undefined {
    const types: EntityType[] = []
    let known = false
    for (const path of names) {
      const name = path.at(-1)
      if (name === undefined) continue
      if (this.#ignored.has(name)) known = true
      const found = this.#byName.get(fold(name))
      if (found === undefined) continue
      known = true
      types.push(...found)
    }
    return known ? types : undefined
  }

  #add(tableName: string, types: readonly EntityType[]): void {
    const name = fold(tableName)
    this.#byName.set(name, [...(this.#byName.get(name) ?? []), ...types])
  }

  #warnOnce({ head }: SqlStatement): void {
    if (this.#warned.has(head) || this.#warned.size > 1000) return
    this.#warned.add(head)
    this.#warn(
      `raw SQL "${head}" writes to no table that an entity describes; everything is swept. ` +
        'Name the table in the statement, or run it inside sweeper.withoutSweeping(work, { sweep: false }) if it concerns no cached data',
    )
  }
}

/** Quoted or not, in whatever case: naming one table too many sweeps too much, never too little. */
function fold(name: string): string {
  return name.toLowerCase()
}

function ownTablesOf({ options }: DataSource): readonly string[] {
  const { migrationsTableName, cache } = options
  const names = [migrationsTableName, options.metadataTableName]
  if (typeof cache === 'object' && cache !== null && 'tableName' in cache)
    names.push(cache.tableName)
  return names.filter((name) => name !== undefined)
}
