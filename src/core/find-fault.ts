import { isMap, isSet } from 'node:util/types'
import { classNameOf, shapeOf } from './shape'

interface Limits {
  readonly depth: number
  readonly values: number
}

interface Search {
  readonly limits: Limits
  /** The objects that hold the one being looked at. */
  readonly holders: object[]
  left: number
}

const MAX_PATH = 120
const IDENTIFIER = /^[A-Za-z_$][\w$]*$/
const ONLY_DATA = 'only data can be given back; leave it out or map it to plain data'

/**
 * Says what is wrong with a value that cannot be kept, and where: `value.posts[3] is an instance of Post; …`.
 * Slow and only for messages; the order of the walk is that of `inspectValue`.
 */
export function findFault(value: unknown, limits: Limits): string {
  const fault = search(value, 'value', { limits, holders: [], left: limits.values })
  return fault ?? 'value changes while it is read; give plain data'
}

function search(value: unknown, path: string, walk: Search): string | undefined {
  if (typeof value === 'function') return `${shown(path)} is a function; ${ONLY_DATA}`
  if (typeof value === 'symbol') return `${shown(path)} is a symbol; ${ONLY_DATA}`
  if (typeof value !== 'object' || value === null) return undefined
  const fault = faultOf(value, path, walk)
  if (fault !== undefined) return fault
  if (['date', 'buffer'].includes(shapeOf(value))) return undefined
  walk.holders.push(value)
  for (const [step, part] of stepsOf(value)) {
    walk.left -= 1
    if (walk.left < 0)
      return `value holds more than ${walk.limits.values} values; keep less, or as text`
    const found = search(part, path + step, walk)
    if (found !== undefined) return found
  }
  walk.holders.pop()
  return undefined
}

function faultOf(value: object, path: string, { limits, holders }: Search): string | undefined {
  if (shapeOf(value) === 'instance') {
    const name = classNameOf(value)
    return `${shown(path)} is an instance of ${name}; ${remedyFor(value, name)}`
  }
  if (holders.includes(value)) {
    return `${shown(path)} contains itself; leave the way back out`
  }
  return holders.length >= limits.depth
    ? `${shown(path)} is nested deeper than ${limits.depth} levels; map it to flatter data`
    : undefined
}

function remedyFor(value: object, name: string): string {
  if (name === 'Promise') return 'await it first'
  if (ArrayBuffer.isView(value))
    return 'make it a Buffer: Buffer.from(it.buffer, it.byteOffset, it.byteLength)'
  return 'use find() or map it to plain data'
}

function* stepsOf(value: object): Generator<readonly [string, unknown]> {
  if (Array.isArray(value)) {
    for (const [index, part] of value.entries()) yield [`[${index}]`, part]
  } else if (isMap(value)) {
    for (const [index, key] of [...value.keys()].entries()) yield [`.keys()[${index}]`, key]
    for (const [index, part] of [...value.values()].entries()) yield [`.values()[${index}]`, part]
  } else if (isSet(value)) {
    for (const [index, part] of [...value].entries()) yield [`.values()[${index}]`, part]
  } else {
    for (const [key, part] of Object.entries(value)) yield [stepTo(key), part]
  }
}

function stepTo(key: string): string {
  return IDENTIFIER.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`
}

function shown(path: string): string {
  return path.length > MAX_PATH ? `${path.slice(0, 60)}...${path.slice(-57)}` : path
}
