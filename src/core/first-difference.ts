import { isDeepStrictEqual } from 'node:util'

/**
 * Where two values first differ, as one would write it in JavaScript: `.comments[2].text`; empty for the values
 * themselves, undefined where nothing differs. The order of properties is no difference, that of lists is.
 */
export function firstDifference(one: unknown, other: unknown): string | undefined {
  if (isDeepStrictEqual(one, other)) return undefined
  if (Array.isArray(one) && Array.isArray(other)) {
    const places = Array.from({ length: Math.max(one.length, other.length) }, (_, at) => at)
    return within(places, (at) => `[${at}]`, one, other)
  }
  if (!isRecord(one) || !isRecord(other)) return ''
  const names = new Set([...Object.keys(one), ...Object.keys(other)])
  return within([...names], (name) => `.${name}`, one, other)
}

function within<Place extends PropertyKey>(
  places: readonly Place[],
  shown: (place: Place) => string,
  one: object,
  other: object,
): string {
  for (const place of places) {
    const inside = firstDifference(valueAt(one, place), valueAt(other, place))
    if (inside !== undefined) return `${shown(place)}${inside}`
  }
  return ''
}

function valueAt(from: object, place: PropertyKey): unknown {
  return Object.getOwnPropertyDescriptor(from, place)?.value
}

/** What has places with names: not a Date, a Map, a Set or a Buffer. */
function isRecord(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}
