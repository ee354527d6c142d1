import type { DataSource, EntityMetadata } from 'typeorm'
import { parseDuration } from '../core/duration'
import type { DeclaredEntities } from './declared-entities'
import type { EntityType, Relation, ResolvedDeclaration } from './entity-type'
import { keyColumnOf } from './key-column'
import { linkOf, type Link } from './link'

/** A type, and what is found out about it later. */
interface Growing {
  readonly type: EntityType
  readonly metadatas: EntityMetadata[]
  readonly links: Link[]
}

/** Finds the types of a DataSource: its tables of records, without those of many-to-many and closure rows. */
export function entityTypesOf(
  dataSource: DataSource,
  declared: DeclaredEntities,
): ReadonlyMap<EntityMetadata, EntityType> {
  const growing: Growing[] = []
  const types = new Map<EntityMetadata, EntityType>()
  const roots = dataSource.entityMetadatas.filter(isRoot)
  const children = dataSource.entityMetadatas.filter(
    ({ tableType }) => tableType === 'entity-child',
  )
  for (const metadata of [...roots, ...children]) {
    let known = growing.find(({ type }) => isSameTable(type.metadata, metadata))
    if (known === undefined) {
      known = begun(metadata, dataSource, declared)
      growing.push(known)
    }
    known.metadatas.push(metadata)
    types.set(metadata, known.type)
  }
  for (const { type, metadatas, links } of growing)
    links.push(...linked(type, declaredRelations(metadatas, declared), types))
  linkJunctionEntities(growing, types)
  return types
}

function begun(
  metadata: EntityMetadata,
  dataSource: DataSource,
  declared: DeclaredEntities,
): Growing {
  const metadatas: EntityMetadata[] = []
  const links: Link[] = []
  const resolved = new Map<EntityMetadata, ResolvedDeclaration>()
  const resolve = (wanted: EntityMetadata): ResolvedDeclaration => {
    const of = metadatas.includes(wanted) ? wanted : metadata
    const known = resolved.get(of) ?? resolvedDeclaration(of, declared)
    resolved.set(of, known)
    return known
  }
  const type: EntityType = {
    name: metadata.name,
    key: metadata.tablePath,
    metadata,
    idColumns: metadata.primaryColumns,
    keyColumns: metadata.primaryColumns.map((column) => keyColumnOf(column, dataSource)),
    links,
    declarationFor: (wanted) => resolved.get(wanted) ?? resolve(wanted),
  }
  return { type, metadatas, links }
}

function resolvedDeclaration(
  metadata: EntityMetadata,
  declared: DeclaredEntities,
): ResolvedDeclaration {
  const { using, writeThrough = false, ttl } = declared.optionsOf(metadata)
  return {
    using: using === undefined ? undefined : metadata.findColumnWithPropertyPath(using),
    writeThrough,
    ttlMs: ttl === undefined ? undefined : parseDuration(ttl, `${metadata.name}: ttl`),
  }
}

function declaredRelations(
  metadatas: readonly EntityMetadata[],
  declared: DeclaredEntities,
): ReadonlySet<Relation> {
  const relations = metadatas.flatMap((metadata) =>
    declared
      .optionsOf(metadata)
      .dependsOn.flatMap((path) => metadata.findRelationWithPropertyPath(path) ?? []),
  )
  return new Set(relations)
}

function linked(
  type: EntityType,
  relations: Iterable<Relation>,
  types: ReadonlyMap<EntityMetadata, EntityType>,
): readonly Link[] {
  return [...relations].flatMap((relation) => {
    const to = types.get(relation.inverseEntityMetadata)
    return to === undefined ? [] : [linkOf(relation, type, to)]
  })
}

/** An entity over the table of a declared many-to-many relation: its rows are pairs, whoever writes them. */
function linkJunctionEntities(
  growing: readonly Growing[],
  types: ReadonlyMap<EntityMetadata, EntityType>,
): void {
  const tables = new Set(
    growing.flatMap(({ links }) =>
      links.flatMap(({ junction }) => junction?.metadata.tablePath ?? []),
    ),
  )
  for (const { type, metadatas, links } of growing) {
    if (!tables.has(type.key)) continue
    const known = new Set(links.map(({ relation }) => relation))
    const ends = metadatas.flatMap(({ relations }) =>
      relations.filter((one) => one.isWithJoinColumn),
    )
    links.push(...linked(type, new Set(ends.filter((one) => !known.has(one))), types))
  }
}

function isRoot({ tableType, isJunction, isClosureJunction }: EntityMetadata): boolean {
  return tableType !== 'entity-child' && !isJunction && !isClosureJunction
}

function isSameTable(left: EntityMetadata, right: EntityMetadata): boolean {
  return left.tablePath === right.tablePath && keyNames(left) === keyNames(right)
}

function keyNames({ primaryColumns }: EntityMetadata): string {
  return primaryColumns
    .map(({ databaseName, propertyPath }) => `${databaseName} ${propertyPath}`)
    .join('\n')
}
