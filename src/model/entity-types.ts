import type { DataSource, EntityMetadata } from 'typeorm'
import { parseDuration } from '../core/duration'
import type { DeclaredEntities } from './declared-entities'
import type { EntityType, ResolvedDeclaration } from './entity-type'
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
  for (const one of growing) link(one, types, declared)
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

function link(
  { type, metadatas, links }: Growing,
  types: ReadonlyMap<EntityMetadata, EntityType>,
  declared: DeclaredEntities,
): void {
  const relations = metadatas.flatMap((metadata) =>
    declared
      .optionsOf(metadata)
      .dependsOn.flatMap((path) => metadata.findRelationWithPropertyPath(path) ?? []),
  )
  for (const relation of new Set(relations)) {
    const to = types.get(relation.inverseEntityMetadata)
    if (to !== undefined) links.push(linkOf(relation, type, to))
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
