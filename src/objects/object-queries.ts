import { InvalidSubjectError } from '../core/errors'
import type { EntityTarget } from '../model/entity-class'
import type { EntityGraph } from '../model/entity-graph'
import type { FoundEntity } from '../model/type-index'
import { ObjectQuery, type ObjectQueryParts } from './object-query'
import { relationTree } from './relation-tree'

export interface ObjectQueriesParts extends ObjectQueryParts {
  graph(): EntityGraph
}

/** The queries of a DataSource's objects, each made once: by class and relations. */
export class ObjectQueries {
  readonly #parts: ObjectQueriesParts
  #queries: { readonly of: EntityGraph; readonly known: Map<string, ObjectQuery> } | undefined

  constructor(parts: ObjectQueriesParts) {
    this.#parts = parts
  }

  /**
   * @throws {InvalidSubjectError} SWEEPER_INVALID_SUBJECT for what is no entity of this DataSource
   * @throws {InvalidOptionError} SWEEPER_INVALID_OPTION for relations that cannot be kept
   */
  of(target: EntityTarget | string, relations: readonly string[], where: string): ObjectQuery {
    const found = this.#parts.graph().entityOfTarget(target) ?? refuse(target, where)
    return this.ofEntity(found, relations, where)
  }

  /** @throws as `of` does */
  ofEntity(found: FoundEntity, relations: readonly string[], where: string): ObjectQuery {
    const graph = this.#parts.graph()
    const { name, tablePath } = found.metadata
    if (this.#queries?.of !== graph) this.#queries = { of: graph, known: new Map() }
    const wanted = JSON.stringify([name, tablePath, ...relations.toSorted()])
    const known = this.#queries.known.get(wanted)
    if (known !== undefined) return known
    const named = `${where}(${name})`
    const tree = relationTree(found.metadata, relations, named)
    const query = new ObjectQuery(this.#parts, found, tree)
    this.#queries.known.set(wanted, query)
    return query
  }
}

function refuse(target: EntityTarget | string, where: string): never {
  const name = nameOf(target)
  throw new InvalidSubjectError(
    `${where}: ${name === '' ? 'a function without a name' : name} is no entity of this DataSource; list it in its entities`,
  )
}

function nameOf(target: EntityTarget | string): string {
  if (typeof target === 'string') return target
  return typeof target === 'function' ? target.name : target.options.name
}
