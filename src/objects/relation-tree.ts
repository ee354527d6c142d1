import type { EntityMetadata } from 'typeorm'
import { InvalidOptionError, quoted } from '../core/errors'

/** Relations by name, each with those to load beyond it, as TypeORM's find options take them. */
export interface RelationTree {
  [property: string]: RelationTree
}

/**
 * Reads relation paths: `['engine', 'owner.address']`.
 *
 * @throws {InvalidOptionError} SWEEPER_INVALID_OPTION naming the class, the path and the relations there are
 */
export function relationTree(
  metadata: EntityMetadata,
  paths: readonly string[],
  where: string,
): RelationTree {
  const tree: RelationTree = {}
  for (const path of paths) plant(tree, metadata, path, where)
  return tree
}

function plant(tree: RelationTree, metadata: EntityMetadata, path: string, where: string): void {
  const relation = metadata.relations
    .filter(({ propertyPath }) => path === propertyPath || path.startsWith(`${propertyPath}.`))
    .toSorted((a, b) => b.propertyPath.length - a.propertyPath.length)[0]
  if (relation === undefined) {
    const known = metadata.relations.map(({ propertyPath }) => propertyPath).join(', ')
    throw new InvalidOptionError(
      `${where}: relations has ${quoted(path)}, which is no relation of ${metadata.name}; those are ${known === '' ? 'none' : known}`,
    )
  }
  let below = tree
  for (const name of relation.propertyPath.split('.')) below = below[name] ??= {}
  const rest = path.slice(relation.propertyPath.length + 1)
  if (rest !== '') plant(below, relation.inverseEntityMetadata, rest, where)
}
