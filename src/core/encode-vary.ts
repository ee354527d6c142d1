import { digestOf } from './digest'
import { encodeText } from './encode-part'
import { InvalidOptionError } from './errors'
import { classNameOf, shapeOf } from './shape'

const MAX_DEPTH = 16
const MAX_VALUES = 10_000
/** Longer text is digested: what users type must not decide how much work and memory a key takes. */
const MAX_PLAIN_TEXT = 128
/** Enough for a binary UUID or a digest; what is longer should have been digested by its owner. */
const MAX_BYTES = 64

/**
 * Writes the values that a fragment varies by as one printable text, so that two lists never become one:
 * `1`, `'1'` and `1n` differ, as do `[null]` and `[]`, `['a:b']` and `['a', 'b']`, `0` and `-0`.
 * The order of an object's keys makes no difference.
 *
 *     'text   #digest (of long text)   12.5   12n   true   null   undefined   @1700000000000 (Date)
 *     *00ff (Buffer)   [a,b]   (key=value,key=value)
 *
 * None of it contains `{ } : /`, a space or a control character.
 *
 * @throws {InvalidOptionError} SWEEPER_INVALID_OPTION for functions, symbols, instances of classes, Buffers of more
 *   than 64 bytes, more than 16 levels (a cycle too) and more than 10 000 values
 * @example
 * encodeVary(['de', { page: 2 }]) // "'de,(page=2)"
 */
export function encodeVary(parts: readonly unknown[]): string {
  if (parts.length === 0) return ''
  const walk = { left: MAX_VALUES }
  return parts.map((part, index) => encode(part, `vary[${index}]`, 1, walk)).join(',')
}

function encode(value: unknown, path: string, depth: number, walk: { left: number }): string {
  walk.left -= 1
  if (walk.left < 0) {
    throw new InvalidOptionError(
      `vary: more than ${MAX_VALUES} values; vary by a digest of them instead`,
    )
  }
  if (typeof value === 'object' && value !== null) return encodeObject(value, path, depth, walk)
  return encodePrimitive(value, path)
}

function encodePrimitive(value: unknown, path: string): string {
  switch (typeof value) {
    case 'string':
      return value.length > MAX_PLAIN_TEXT ? `#${digestOf(value)}` : `'${encodeText(value)}`
    case 'number':
      return Object.is(value, -0) ? '-0' : String(value)
    case 'bigint':
      return `${value}n`
    case 'boolean':
    case 'undefined':
      return String(value)
    case 'object':
      return 'null'
    default:
      throw unfit(path, `a ${typeof value}`)
  }
}

function encodeObject(value: object, path: string, depth: number, walk: { left: number }): string {
  if (depth > MAX_DEPTH) {
    throw new InvalidOptionError(
      `vary: nested deeper than ${MAX_DEPTH} levels, or in a circle; vary by the values that make a difference`,
    )
  }
  const shape = shapeOf(value)
  if (shape === 'date') return `@${Date.prototype.getTime.call(value)}`
  if (Buffer.isBuffer(value) && value.length <= MAX_BYTES) return `*${value.toString('hex')}`
  if (Array.isArray(value) && shape === 'array') {
    const items = Array.from(value, (item, index) =>
      encode(item, `${path}[${index}]`, depth + 1, walk),
    )
    return `[${items.join(',')}]`
  }
  if (shape !== 'plain') {
    throw unfit(path, shape === 'buffer' ? 'a Buffer of more than 64 bytes' : nameOf(value))
  }
  if (Object.getOwnPropertySymbols(value).length > 0)
    throw unfit(path, 'an object with symbol keys')
  const properties = Object.entries(value)
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([key, item]) => `${encodeKey(key)}=${encode(item, `${path}.${key}`, depth + 1, walk)}`)
  return `(${properties.join(',')})`
}

function encodeKey(key: string): string {
  return key.length > MAX_PLAIN_TEXT ? `#${digestOf(key)}` : encodeText(key)
}

function nameOf(value: object): string {
  return `an instance of ${classNameOf(value)}`
}

function unfit(path: string, what: string): InvalidOptionError {
  const where = path.length > 60 ? `${path.slice(0, 57)}...` : path
  return new InvalidOptionError(
    `${where}: ${what} cannot be part of a key; give a string, number, bigint, boolean, Date, null, undefined, or arrays and plain objects of those`,
  )
}
