import type { DataSource, EntityMetadata } from 'typeorm'
import { NotAttachedError } from '../core/errors'
import { DeclaredEntities } from './declared-entities'
import type { EntityTarget } from './entity-class'
import type { EntityType, Relation } from './entity-type'
import { entityTypesOf } from './entity-types'
import { TypeIndex, type FoundEntity } from './type-index'
import { graphData, type GraphData } from './graph-data'
import { junctionsOf, relationsOf, type Junction } from './junction'
import type { Link } from './link'

export type { GraphData } from './graph-data'

interface Remembered {
  readonly metadatas: readonly EntityMetadata[]
  readonly graph: EntityGraph
}

const graphs = new WeakMap<DataSource, Remembered>()

/** What the database itself does to rows that point at a deleted one, so that they change too. */
const ACTS_ON_ROWS: readonly unknown[] = ['CASCADE', 'SET NULL', 'SET DEFAULT']

/**
 * The declared dependencies of a DataSource's entities, checked against TypeORM's metadata. Immutable; no query is made.
 */
export class EntityGraph {
  readonly types: readonly EntityType[]
  readonly #metadatas: readonly EntityMetadata[]
  readonly #index: TypeIndex
  readonly #linksTo = new Map<EntityType, Link[]>()
  readonly #junctions: ReadonlyMap<EntityMetadata, Junction>
  readonly #cascades = new Map<EntityType, Relation[]>()
  readonly #lists = new Map<Relation, string>()

  private constructor(dataSource: DataSource) {
    const typeOf = entityTypesOf(dataSource, new DeclaredEntities(dataSource))
    this.#metadatas = dataSource.entityMetadatas
    this.#index = new TypeIndex(typeOf)
    this.types = [...new Set(typeOf.values())]
    const links = this.types.flatMap((type) => type.links)
    for (const link of links) push(this.#linksTo, link.to, link)
    this.#junctions = junctionsOf(typeOf, links)
    for (const relation of relationsOf(typeOf.keys())) {
      const type = typeOf.get(relation.inverseEntityMetadata)
      if (type !== undefined && actsOnRows(relation)) push(this.#cascades, type, relation)
      const owner = relation.isOneToMany ? relation.inverseRelation : undefined
      if (owner !== undefined && !this.#lists.has(owner)) {
        this.#lists.set(owner, relation.propertyPath)
      }
    }
  }

  /**
   * The graph of a DataSource; made at the first call, and anew after the DataSource was initialized again.
   *
   * @throws {DeclarationError} SWEEPER_DECLARATION with all mistakes of all declarations
   * @throws {NotAttachedError} SWEEPER_NOT_ATTACHED before the DataSource has its metadata
   */
  static of(dataSource: DataSource): EntityGraph {
    const { entityMetadatas: metadatas, isInitialized } = dataSource
    const known = graphs.get(dataSource)
    if (known?.metadatas === metadatas) return known.graph
    if (metadatas.length === 0 && !isInitialized) {
      throw new NotAttachedError(
        'Sweeper: the DataSource is not initialized, so its entities are not known; await dataSource.initialize() first',
      )
    }
    const graph = new EntityGraph(dataSource)
    graphs.set(dataSource, { metadatas, graph })
    return graph
  }

  /** Undefined for tables of many-to-many and closure rows. */
  typeOf(metadata: EntityMetadata): EntityType | undefined {
    return this.#index.ofMetadata(metadata)
  }

  /** By class, `EntitySchema`, the name of a schema or the path of a table. */
  typeOfTarget(target: EntityTarget | string): EntityType | undefined {
    return this.#index.ofTarget(target)?.type
  }

  /** The entity that a class or schema stands for. */
  entityOfTarget(target: EntityTarget | string): FoundEntity | undefined {
    return this.#index.ofTarget(target)
  }

  /** The entity that an object is an instance of: by its class or the nearest base class that is an entity. */
  entityOfInstance(instance: object): FoundEntity | undefined {
    return this.#index.ofInstance(instance)
  }

  linksFrom(type: EntityType): readonly Link[] {
    return type.links
  }

  linksTo(type: EntityType): readonly Link[] {
    return this.#linksTo.get(type) ?? []
  }

  /** These types and all that they lead to, each once. */
  ancestorTypes(types: readonly EntityType[]): readonly EntityType[] {
    const reached = new Set(types)
    // A Set's iteration reaches what is added to it meanwhile.
    for (const type of reached) for (const { to } of type.links) reached.add(to)
    return [...reached]
  }

  /** Of the metadata of a many-to-many table. */
  junctionOf(metadata: EntityMetadata): Junction | undefined {
    return this.#junctions.get(metadata)
  }

  junctions(): readonly Junction[] {
    return [...this.#junctions.values()]
  }

  /** The many-to-many tables whose relation is named in a `dependsOn`, on either side. */
  declaredJunctions(): readonly Junction[] {
    return this.junctions().filter(({ isDeclared }) => isDeclared)
  }

  /** Names of tables that hold no records and no pairs of them. */
  otherTables(): readonly string[] {
    return this.#metadatas
      .filter((one) => this.typeOf(one) === undefined && !this.#junctions.has(one))
      .map(({ tableName }) => tableName)
  }

  /**
   * The list that holds the rows of a foreign key link: `comments` for `Comment.article`, if Article has it.
   * Several lists over one foreign key are one list, named after the first.
   */
  childrenListOf({ kind, relation }: Link): string | undefined {
    return kind === 'foreign-key' ? this.#lists.get(relation) : undefined
  }

  /** Relations whose rows the database deletes or changes along with a row of this type. */
  databaseCascadesOf(type: EntityType): readonly Relation[] {
    return this.#cascades.get(type) ?? []
  }

  /** Whether rows elsewhere tell what a deleted row of this type belonged to, or change along with it. */
  isPointedAt(type: EntityType): boolean {
    const isEnd = (junction: Junction): boolean => junction.ends.some((end) => end.type === type)
    return (
      this.#cascades.has(type) ||
      type.links.some(({ kind }) => kind !== 'foreign-key') ||
      this.declaredJunctions().some(isEnd)
    )
  }

  /** The other types whose rows the database deletes or changes when rows of this type are deleted. */
  typesDeletedWith(type: EntityType): readonly EntityType[] {
    const changed = new Set<EntityType>()
    const deleted = new Set([type])
    for (const parent of deleted) {
      for (const relation of this.databaseCascadesOf(parent)) {
        const child = this.typeOf(relation.entityMetadata)
        if (child === undefined) continue
        changed.add(child)
        if (relation.onDelete === 'CASCADE') deleted.add(child)
      }
    }
    changed.delete(type)
    return [...changed]
  }

  /** The declared dependencies as plain data. */
  toData(): GraphData {
    return graphData(this.types)
  }
}

function actsOnRows({
  isWithJoinColumn,
  createForeignKeyConstraints,
  onDelete,
}: Relation): boolean {
  return isWithJoinColumn && createForeignKeyConstraints && ACTS_ON_ROWS.includes(onDelete)
}

function push<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const values = map.get(key)
  if (values === undefined) map.set(key, [value])
  else values.push(value)
}
