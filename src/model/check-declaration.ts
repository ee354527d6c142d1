import type { EntityMetadata } from 'typeorm'
import { isSweeperError, quoted } from '../core/errors'
import { parseDuration } from '../core/duration'
import type { Declaration } from './declarations'
import { didYouMean } from './did-you-mean'

const OPTIONS = ['using', 'dependsOn', 'writeThrough', 'ttl']

/**
 * What is wrong with a declaration, one sentence each.
 *
 * @param metadata of the declared entity, or of a subclass where it is an abstract base
 */
export function mistakesIn(declaration: Declaration, metadata: EntityMetadata): readonly string[] {
  const { entity, options } = declaration
  const isInherited = metadata.target !== entity
  const where = isInherited
    ? `${declaration.where} (inherited by ${metadata.name})`
    : declaration.where
  const mistakes = [
    ...unknownOptions(options),
    ...mistakesInUsing(options.using, metadata),
    ...mistakesInDependsOn(options.dependsOn, metadata),
    ...mistakesInWriteThrough(options.writeThrough),
  ].map((mistake) => `${where}: ${mistake}`)
  return [...mistakes, ...mistakesInTtl(options.ttl, where)]
}

function unknownOptions(options: object): readonly string[] {
  return Object.keys(options)
    .filter((name) => !OPTIONS.includes(name))
    .map((name) => `there is no option ${quoted(name)}; options are ${OPTIONS.join(', ')}`)
}

function mistakesInUsing(using: unknown, metadata: EntityMetadata): readonly string[] {
  if (using === undefined) return []
  const columns = columnsOf(metadata)
  if (typeof using === 'string' && columns.includes(using)) return []
  const isRelation = typeof using === 'string' && metadata.hasRelationWithPropertyPath(using)
  const wrong = isRelation ? 'is a relation, not a column' : 'is not a column'
  return [`using ${quoted(using)} ${wrong}; columns are ${listed(columns)}`]
}

function mistakesInDependsOn(dependsOn: unknown, metadata: EntityMetadata): readonly string[] {
  if (dependsOn === undefined) return []
  if (!Array.isArray(dependsOn)) {
    return [
      `dependsOn ${quoted(dependsOn)} is no array; give the names of relation properties in []`,
    ]
  }
  if (metadata.tableType === 'view' && dependsOn.length > 0) {
    return [`dependsOn ${quoted(dependsOn)}: rows of a view are never written; leave it out`]
  }
  return dependsOn.flatMap((name: unknown) => mistakeInRelation(name, metadata))
}

function mistakeInRelation(name: unknown, metadata: EntityMetadata): readonly string[] {
  if (typeof name === 'string' && metadata.hasRelationWithPropertyPath(name)) return []
  const relations = metadata.relations.map(({ propertyPath }) => propertyPath)
  const those =
    relations.length === 0 ? 'it has no relations' : `relations are ${listed(relations)}`
  const isColumn = typeof name === 'string' && columnsOf(metadata).includes(name)
  const wrong = isColumn ? 'is a column, not a relation' : 'is not a relation'
  return [`dependsOn ${quoted(name)} ${wrong}; ${hintFor(name, metadata, relations)}${those}`]
}

function hintFor(name: unknown, metadata: EntityMetadata, relations: readonly string[]): string {
  if (typeof name !== 'string') return ''
  const columnOf = metadata.findColumnWithPropertyPath(name)?.relationMetadata
  if (columnOf !== undefined) return `its relation is ${quoted(columnOf.propertyPath)}; `
  const through = metadata.relations.find(({ propertyPath }) => name.startsWith(`${propertyPath}.`))
  if (through !== undefined) {
    const { propertyPath, inverseEntityMetadata } = through
    const rest = name.slice(propertyPath.length + 1)
    return `name ${quoted(propertyPath)} here and ${quoted(rest)} in the dependsOn of ${inverseEntityMetadata.name}; `
  }
  const meant = didYouMean(name, relations)
  return meant === undefined ? '' : `did you mean ${quoted(meant)}? `
}

function mistakesInWriteThrough(writeThrough: unknown): readonly string[] {
  return writeThrough === undefined || typeof writeThrough === 'boolean'
    ? []
    : [`writeThrough ${quoted(writeThrough)} is neither true nor false; give one of them`]
}

function mistakesInTtl(ttl: unknown, where: string): readonly string[] {
  if (ttl === undefined) return []
  try {
    parseDuration(ttl, `${where}: ttl`)
    return []
  } catch (error) {
    if (!isSweeperError(error)) throw error
    return [error.message]
  }
}

/** Columns that are properties: not the discriminator, nor the foreign keys that only a relation stands for. */
function columnsOf({ columns }: EntityMetadata): readonly string[] {
  return columns.filter(({ isVirtual }) => !isVirtual).map(({ propertyPath }) => propertyPath)
}

function listed(names: readonly string[]): string {
  return names.join(', ')
}
