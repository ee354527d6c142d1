import { isDate, isMap, isSet } from 'node:util/types'

/** What an object is to whoever has to write it down. `instance`: of a class that only its author knows. */
export type Shape = 'array' | 'plain' | 'date' | 'map' | 'set' | 'buffer' | 'instance'

/**
 * Tells what an object is. Objects of another realm (`vm`, Jest) count as what they are there.
 * A subclass of `Date`, `Map`, `Set` or `Array` is an instance: writing it down would lose the class.
 */
export function shapeOf(value: object): Shape {
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype === Object.prototype || prototype === null) return 'plain'
  if (Array.isArray(value)) {
    return prototype === Array.prototype || classNameOf(value) === 'Array' ? 'array' : 'instance'
  }
  if (Buffer.isBuffer(value)) return 'buffer'
  const name = classNameOf(value)
  if (isDate(value)) return name === 'Date' ? 'date' : 'instance'
  if (isMap(value)) return name === 'Map' ? 'map' : 'instance'
  if (isSet(value)) return name === 'Set' ? 'set' : 'instance'
  return isRootPrototype(prototype) ? 'plain' : 'instance'
}

/** The name of an object's class, for messages. */
export function classNameOf(value: object): string {
  const prototype: unknown = Object.getPrototypeOf(value)
  const maker: unknown =
    typeof prototype === 'object' && prototype !== null && 'constructor' in prototype
      ? prototype.constructor
      : undefined
  return typeof maker === 'function' && maker.name !== '' ? maker.name : 'an unnamed class'
}

/** `Object.prototype` of another realm: nothing above it, and it has what every `Object.prototype` has. */
function isRootPrototype(prototype: unknown): boolean {
  return (
    typeof prototype === 'object' &&
    prototype !== null &&
    Object.getPrototypeOf(prototype) === null &&
    Object.hasOwn(prototype, 'isPrototypeOf')
  )
}
