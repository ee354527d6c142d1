/** Freezes what JSON carries, all the way down, and gives it back: it will be shared by all who read it. */
export function deepFrozen<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value
  // Depth is bounded where values are written: 200 levels (inspect-value.ts).
  for (const inner of Object.values(value)) deepFrozen(inner)
  return Object.freeze(value)
}
