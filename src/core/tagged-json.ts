import { isDate, isMap, isSet } from 'node:util/types'

/**
 * What JSON cannot carry, carried by JSON. Everything special is a text that begins with `~`:
 *
 *     ~u                undefined              ~d<ms>       Date (`~dNaN`: an invalid one)
 *     ~n<NaN|…>         NaN, ±Infinity, -0     ~b<base64>   Buffer
 *     ~i<digits>        bigint                 ~~text       a text that itself begins with `~`
 *     ["~m", k, v, …]   Map                    ["~s", v, …] Set
 *
 * Texts of the user that begin with `~` are escaped, so nothing of theirs is ever taken for one of these;
 * property names need no escape, because none of them has a meaning here.
 */
const MARK = '~'
const MAP = '~m'
const SET = '~s'

const ODD_NUMBERS: ReadonlyMap<string, number> = new Map(
  [NaN, Infinity, -Infinity, -0].map((value) => [numberText(value), value]),
)
const BIGINT = /^-?\d+$/
const TIME = /^(?:NaN|-?\d+)$/

/** Writes a value that `inspectValue` has accepted as one that JSON can carry. */
export function toTagged(value: unknown): unknown {
  switch (typeof value) {
    case 'string':
      return value.startsWith(MARK) ? MARK + value : value
    case 'number':
      return Number.isFinite(value) && !Object.is(value, -0) ? value : `~n${numberText(value)}`
    case 'bigint':
      return `~i${value}`
    case 'undefined':
      return '~u'
    case 'object':
      return value === null ? null : objectToTagged(value)
    default:
      return value
  }
}

function objectToTagged(value: object): unknown {
  if (Array.isArray(value)) return Array.from(value, toTagged)
  if (Buffer.isBuffer(value)) return `~b${value.toString('base64')}`
  if (isDate(value)) return `~d${Date.prototype.getTime.call(value)}`
  if (isMap(value)) return [MAP, ...[...value].flat().map(toTagged)]
  if (isSet(value)) return [SET, ...[...value].map(toTagged)]
  // Without a prototype, `__proto__` is a name like any other.
  const tagged = Object.create(null) as Record<string, unknown>
  for (const [key, item] of Object.entries(value)) tagged[key] = toTagged(item)
  return tagged
}

/**
 * The way back, in place.
 *
 * @param parsed what JSON.parse made: trees of its own plain objects and arrays
 * @throws {SyntaxError} for a mark that is none of ours, and for more levels than are ever written
 */
export function fromTagged(parsed: unknown, levels: number): unknown {
  if (typeof parsed === 'string') return parsed.startsWith(MARK) ? textFromTagged(parsed) : parsed
  if (typeof parsed !== 'object' || parsed === null) return parsed
  if (levels <= 0) throw new SyntaxError('nested deeper than anything written here')
  if (Array.isArray(parsed)) return arrayFromTagged(parsed, levels - 1)
  // JSON.parse makes `__proto__` an own property, so this assignment reaches that and not the prototype.
  const record = parsed as Record<string, unknown>
  for (const key of Object.keys(record)) record[key] = fromTagged(record[key], levels - 1)
  return record
}

function arrayFromTagged(parsed: unknown[], levels: number): unknown {
  const [head] = parsed
  const items = head === MAP || head === SET ? parsed.slice(1) : parsed
  for (const [index, item] of items.entries()) items[index] = fromTagged(item, levels)
  if (head === SET) return new Set(items)
  return head === MAP ? mapOf(items) : items
}

function mapOf(items: readonly unknown[]): Map<unknown, unknown> {
  if (items.length % 2 !== 0) throw new SyntaxError('a Map with a key that has no value')
  const map = new Map<unknown, unknown>()
  for (let index = 0; index < items.length; index += 2) map.set(items[index], items[index + 1])
  return map
}

function textFromTagged(text: string): unknown {
  const rest = text.slice(2)
  switch (text[1]) {
    case '~':
      return text.slice(1)
    case 'u':
      if (rest === '') return undefined
      break
    case 'n':
      if (ODD_NUMBERS.has(rest)) return ODD_NUMBERS.get(rest)
      break
    case 'i':
      if (BIGINT.test(rest)) return BigInt(rest)
      break
    case 'd':
      if (TIME.test(rest)) return new Date(Number(rest))
      break
    case 'b':
      return Buffer.from(rest, 'base64')
    default:
  }
  throw new SyntaxError('a mark that is none of ours')
}

function numberText(value: number): string {
  return Object.is(value, -0) ? '-0' : String(value)
}
