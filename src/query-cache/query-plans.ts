import type { DataSource } from 'typeorm'
import { InvalidSubjectError } from '../core/errors'
import { readStatements } from '../core/sql-statement'
import { sourcesOf } from '../core/sql-tables'
import type { EntityGraph } from '../model/entity-graph'
import type { EntityTarget } from '../model/entity-class'
import { dialectOf } from '../model/sql-dialect'
import type { DeclaredSources } from './declared-sources'
import { QueryTables } from './query-tables'

/** What makes the result of a query old (the keys of types, the paths of tables of pairs), or why that is not known. */
export type QueryPlan = { readonly types: readonly string[] } | UncachedPlan

export interface UncachedPlan {
  /** The beginning of the query, without values. */
  readonly head: string
  /** Why, in words. */
  readonly uncached: string
  isTold: boolean
}

/** Texts are few where values are parameters; where they are not, memory must not grow with them. */
const MAX_PLANS = 1_000

/** Knows of each text of a query what it reads. No query, no round trip; a text is read once. */
export class QueryPlans {
  /** What is known here is right as long as this is the graph of the DataSource. */
  readonly graph: EntityGraph
  readonly #dataSource: DataSource
  readonly #declared: DeclaredSources
  readonly #tables: QueryTables
  readonly #plans = new Map<string, QueryPlan>()

  constructor(dataSource: DataSource, graph: EntityGraph, declared: DeclaredSources) {
    this.graph = graph
    this.#dataSource = dataSource
    this.#declared = declared
    this.#tables = new QueryTables(dataSource, graph)
  }

  of(sql: string): QueryPlan {
    const known = this.#plans.get(sql)
    if (known !== undefined) return known
    const plan = this.#plan(sql)
    if (this.#plans.size >= MAX_PLANS) this.#plans.clear()
    this.#plans.set(sql, plan)
    return plan
  }

  #plan(sql: string): QueryPlan {
    const dialect = dialectOf(this.#dataSource)
    const [statement, ...more] = readStatements(sql, dialect)
    const head = statement?.head ?? ''
    const uncached = (why: string): QueryPlan => ({ head, uncached: why, isTold: false })
    if (statement?.effect !== 'read' || more.length > 0) return uncached('it is no plain SELECT')
    const sources = sourcesOf(sql, dialect)
    if (sources === undefined) return uncached('it locks rows, or its tables cannot be told')
    const types = new Set<string>()
    for (const path of sources.tables) {
      const found = this.#typesOfTable(path)
      if (found === undefined)
        return uncached(
          `writes to "${path.join('.')}" are not heard of: no entity describes it, or it is a view; ` +
            'declare it with sweptQueryCache.with({ views: { ... } })',
        )
      for (const type of found) types.add(type)
    }
    for (const name of sources.functions) {
      const found = this.#declared.ofFunction(name)
      if (found === undefined)
        return uncached(
          `what ${name}() reads is not known; declare it with sweptQueryCache.with({ functions: { ... } })`,
        )
      for (const type of this.#typesOf(found, name)) types.add(type)
    }
    return types.size === 0 ? uncached('it reads no table') : { types: [...types] }
  }

  #typesOfTable(path: readonly string[]): readonly string[] | undefined {
    const declared = this.#declared.ofView(path)
    if (declared === undefined) return this.#tables.ofTable(path)
    const own = this.#tables.ofTable(path) ?? this.#tables.ofView(path)
    return [...own, ...this.#typesOf(declared, path.join('.'))]
  }

  #typesOf(targets: readonly EntityTarget[], name: string): readonly string[] {
    return targets.map((target) => {
      const type = this.#tables.ofEntity(target)
      if (type !== undefined) return type.key
      throw new InvalidSubjectError(
        `sweptQueryCache.with(): "${name}" names something that is no entity of this DataSource; list it in its entities`,
      )
    })
  }
}
