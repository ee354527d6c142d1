import { isMap, isSet } from 'node:util/types'
import { UncacheableValueError, quoted } from './errors'
import { findFault } from './find-fault'
import { shapeOf } from './shape'

/** Deeper than any page or record; shallow enough for every recursion here, JSON's included. */
export const MAX_DEPTH = 200

/** A value that names one object again and again grows without bound when it is written down. */
const MAX_VALUES = 5_000_000

/** In this order: a value is as hard to write as the hardest thing in it. */
const PLAIN = 0
const TAGGED = 1
const REFUSED = 2
type Verdict = typeof PLAIN | typeof TAGGED | typeof REFUSED

/**
 * Checks in one walk that a value can be given back as it is, and tells whether JSON alone is enough for it.
 *
 * @param where names the fragment in the message
 * @throws {UncacheableValueError} SWEEPER_UNCACHEABLE_VALUE naming the key and the path
 */
export function inspectValue(value: unknown, where: { readonly key: string }): 'plain' | 'tagged' {
  const verdict = inspect(value, 1, { left: MAX_VALUES })
  if (verdict !== REFUSED) return verdict === PLAIN ? 'plain' : 'tagged'
  // Only now the path matters, so only now it is kept track of.
  const fault = findFault(value, { depth: MAX_DEPTH, values: MAX_VALUES })
  throw new UncacheableValueError(`getOrSet ${quoted(where.key)}: ${fault}`)
}

function inspect(value: unknown, depth: number, walk: { left: number }): Verdict {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return PLAIN
    case 'number':
      return Number.isFinite(value) && !Object.is(value, -0) ? PLAIN : TAGGED
    case 'bigint':
    case 'undefined':
      return TAGGED
    case 'object':
      return value === null ? PLAIN : inspectObject(value, depth, walk)
    default:
      return REFUSED
  }
}

function inspectObject(value: object, depth: number, walk: { left: number }): Verdict {
  const shape = shapeOf(value)
  if (shape === 'date' || shape === 'buffer') return TAGGED
  if (shape === 'instance' || depth > MAX_DEPTH) return REFUSED
  let verdict: Verdict = shape === 'plain' || shape === 'array' ? PLAIN : TAGGED
  for (const part of partsOf(value)) {
    walk.left -= 1
    const found = walk.left < 0 ? REFUSED : inspect(part, depth + 1, walk)
    if (found === REFUSED) return REFUSED
    if (found > verdict) verdict = found
  }
  return verdict
}

function partsOf(value: object): Iterable<unknown> {
  if (Array.isArray(value)) return value as readonly unknown[]
  if (isMap(value)) return [...value.keys(), ...value.values()]
  return isSet(value) ? value : Object.values(value)
}
