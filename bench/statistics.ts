/** The middle of a sample and the two values that hold half of it between them. */
export interface Quartiles {
  readonly q1: number
  readonly median: number
  readonly q3: number
}

/** @throws {Error} for an empty sample */
export function quartiles(sample: readonly number[]): Quartiles {
  const sorted = sample.toSorted((a, b) => a - b)
  return { q1: quantile(sorted, 0.25), median: quantile(sorted, 0.5), q3: quantile(sorted, 0.75) }
}

/** Between two values of the sample, in proportion. */
function quantile(sorted: readonly number[], share: number): number {
  const place = (sorted.length - 1) * share
  const below = sorted[Math.floor(place)]
  const above = sorted[Math.ceil(place)]
  if (below === undefined || above === undefined) throw new Error('quantile: the sample is empty')
  return below + (above - below) * (place - Math.floor(place))
}

/** A random order of the same things (Fisher and Yates). */
export function shuffled<T>(things: readonly T[]): T[] {
  const rest = [...things]
  const order: T[] = []
  while (rest.length > 0) order.push(...rest.splice(Math.floor(Math.random() * rest.length), 1))
  return order
}
