import { MAX_DEPTH, inspectValue } from './inspect-value'
import { UncacheableValueError, quoted } from './errors'
import { fromTagged, toTagged } from './tagged-json'

/** How the bytes of a value are to be read. Stored: a number never gets another meaning. */
export const VALUE_KIND = { text: 1, bytes: 2, json: 3, tagged: 4 } as const

/** What `decodeValue` answers for bytes that it cannot read: to the cache, a miss. */
export const UNREADABLE: unique symbol = Symbol('unreadable')

export interface EncodedValue {
  readonly kind: number
  readonly bytes: Buffer
}

/**
 * Writes a value so that `decodeValue` gives back one of the same shape: text, Buffers, and what JSON carries plus
 * `Date`, `bigint`, `Map`, `Set`, `Buffer`, `undefined`, `NaN`, `±Infinity` and `-0` inside.
 *
 * Not kept, as in JSON: symbol keys, further properties of arrays, the difference between a hole and `undefined`,
 * and that two places named the same object.
 *
 * @param where names the fragment in messages
 * @throws {UncacheableValueError} SWEEPER_UNCACHEABLE_VALUE naming key and path: instances of other classes, functions,
 *   symbols, cycles, more than 200 levels, more than 5 million values
 * @example
 * encodeValue({ at: new Date() }, { key: 'comment.card' })
 */
export function encodeValue(value: unknown, where: { readonly key: string }): EncodedValue {
  if (Buffer.isBuffer(value)) return { kind: VALUE_KIND.bytes, bytes: value }
  if (typeof value === 'string' && isWellFormed(value)) {
    return { kind: VALUE_KIND.text, bytes: Buffer.from(value, 'utf8') }
  }
  return inspectValue(value, where) === 'plain'
    ? { kind: VALUE_KIND.json, bytes: jsonOf(value, where) }
    : { kind: VALUE_KIND.tagged, bytes: jsonOf(toTagged(value), where) }
}

/**
 * Reads what `encodeValue` wrote. Never throws: bytes that cannot be read are `UNREADABLE`.
 * Bytes are data only: no code, no classes, no prototypes come out of them.
 *
 * @param from where it begins in `bytes`
 * @returns the value; for a Buffer a view of `bytes`, not a copy
 */
export function decodeValue(kind: number, bytes: Buffer, from = 0): unknown {
  try {
    switch (kind) {
      case VALUE_KIND.text:
        return bytes.toString('utf8', from)
      case VALUE_KIND.bytes:
        return from === 0 ? bytes : bytes.subarray(from)
      case VALUE_KIND.json:
        return JSON.parse(bytes.toString('utf8', from))
      case VALUE_KIND.tagged:
        return fromTagged(JSON.parse(bytes.toString('utf8', from)), MAX_DEPTH)
      default:
        return UNREADABLE
    }
  } catch {
    // Bytes of a foreign hand, or cut: whoever wrote them, the value is loaded again.
    return UNREADABLE
  }
}

function jsonOf(value: unknown, where: { readonly key: string }): Buffer {
  try {
    return Buffer.from(JSON.stringify(value), 'utf8')
  } catch (cause) {
    throw new UncacheableValueError(
      `getOrSet ${quoted(where.key)}: value cannot be written as JSON; keep less, or as text`,
      { cause },
    )
  }
}

/** Text with a lone surrogate would change in UTF-8; JSON escapes it. */
function isWellFormed(text: string): boolean {
  // In Node since 20, in TypeScript's library since ES2024.
  return (text as string & { isWellFormed(): boolean }).isWellFormed()
}
