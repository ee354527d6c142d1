import type { ObjectLiteral } from 'typeorm'
import type { Column } from './entity-type'

/** Puts the value of a key column where entities have it: `{ id: 17 }`, `{ key: { no: 1 } }`. */
export function addKeyValue(map: ObjectLiteral, column: Column, value: unknown): void {
  mergeInto(map, mapOf(column, value))
}

/** A key that is a relation to a composite key is nested in the relation's property, which its columns share. */
function mapOf(column: Column, value: unknown): ObjectLiteral {
  const { relationMetadata, referencedColumn } = column
  const isOneOfSeveral = (relationMetadata?.joinColumns.length ?? 0) > 1
  return isOneOfSeveral && column.isVirtual && referencedColumn !== undefined
    ? column.createValueMap(mapOf(referencedColumn, value))
    : column.createValueMap(value)
}

function mergeInto(target: ObjectLiteral, source: ObjectLiteral): void {
  for (const [name, value] of Object.entries<unknown>(source)) {
    const there: unknown = target[name]
    if (isPlain(there) && isPlain(value)) mergeInto(there, value)
    else target[name] = value
  }
}

function isPlain(value: unknown): value is ObjectLiteral {
  return (
    typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype
  )
}
