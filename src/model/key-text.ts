/** Makes one text of all forms that a value of one kind of column comes in; undefined for what is no such value. */
export type KeyText = (value: unknown) => string | undefined

const CANONICAL_INTEGER = /^(?:0|-?[1-9]\d*)$/
const INTEGER = /^[+-]?\d+$/
const DECIMAL = /^([+-]?)0*(\d*)(?:\.(\d*))?$/
const DAY = /^(\d{4,}-\d{2}-\d{2})(?:[T ].*)?$/

/** `17`, `'17'`, `17n`, `'017'`: 17. Exact beyond 2^53 where the value still is. */
export const integerText: KeyText = (value) => {
  if (typeof value === 'number') {
    if (Number.isSafeInteger(value)) return String(value)
    return Number.isInteger(value) ? BigInt(value).toString() : undefined
  }
  if (typeof value === 'bigint') return value.toString()
  if (typeof value === 'boolean') return value ? '1' : '0'
  if (typeof value !== 'string') return undefined
  if (CANONICAL_INTEGER.test(value)) return value
  const text = value.trim()
  return INTEGER.test(text) ? BigInt(text).toString() : undefined
}

/** `1.5`, `'1.50'`: 1.5. Drivers give decimals as text with all their places. */
export const decimalText: KeyText = (value) => {
  const text = scalarText(value)?.trim()
  if (text === undefined || text === '') return undefined
  const [, sign = '', whole = '', fraction = ''] = DECIMAL.exec(text) ?? []
  const places = fraction.replace(/0+$/, '')
  if (whole === '' && fraction === '') return Number(text) === 0 ? '0' : text
  if (whole === '' && places === '') return '0'
  const number = `${whole === '' ? '0' : whole}${places === '' ? '' : `.${places}`}`
  return sign === '-' ? `-${number}` : number
}

/** UUIDs and case-insensitive text: however it is written. */
export const caselessText: KeyText = (value) => scalarText(value)?.toLowerCase()

/** PostgreSQL gives `char(n)` with all its blanks, and ignores them when it compares. */
export const paddedText: KeyText = (value) => scalarText(value)?.replace(/ +$/, '')

/** Drivers give booleans as `1`, `true` or `'t'`. */
export const booleanText: KeyText = (value) => {
  const text = scalarText(value)?.toLowerCase()
  if (text === undefined) return undefined
  return ['1', 'true', 't'].includes(text) ? 'true' : 'false'
}

/** A moment, to the millisecond that `Date` has. */
export const instantText: KeyText = (value) => {
  if (typeof value !== 'string' && typeof value !== 'number') return scalarText(value)
  const date = new Date(value)
  return Number.isNaN(date.getTime()) ? scalarText(value) : date.toISOString()
}

/** A day without a time: TypeORM gives it as text and takes a `Date` for the day it is here, or in UTC if told so. */
export function dayText(utc: boolean): KeyText {
  return (value) => {
    if (!(value instanceof Date)) {
      const text = scalarText(value)
      return text === undefined ? undefined : (DAY.exec(text)?.[1] ?? text)
    }
    if (Number.isNaN(value.getTime())) return undefined
    return utc ? value.toISOString().slice(0, 10) : localDay(value)
  }
}

/** Text as it is; nothing is normalised that the database might tell apart. */
export const scalarText: KeyText = (value) => {
  switch (typeof value) {
    case 'string':
      return value
    case 'number':
      return Number.isFinite(value) ? String(value) : undefined
    case 'bigint':
    case 'boolean':
      return String(value)
    default:
      return textOfObject(value)
  }
}

function textOfObject(value: unknown): string | undefined {
  if (value instanceof Date) {
    return Number.isNaN(value.getTime()) ? undefined : value.toISOString()
  }
  if (!(value instanceof Uint8Array)) return undefined
  return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('hex')
}

function localDay(date: Date): string {
  const parts = [date.getFullYear(), date.getMonth() + 1, date.getDate()]
  return parts.map((part, index) => String(part).padStart(index === 0 ? 4 : 2, '0')).join('-')
}
