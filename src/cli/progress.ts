import type { Terminal } from './usage'

const WIDTH = 24

/** Runs work on each item in turn, under a bar that only somebody who watches gets to see. */
export async function withProgress<T, R>(
  items: readonly T[],
  { draw }: Pick<Terminal, 'draw'>,
  work: (item: T) => Promise<R>,
): Promise<readonly R[]> {
  const results: R[] = []
  for (const item of items) {
    draw?.(barOf(results.length, items.length))
    results.push(await work(item))
  }
  draw?.('')
  return results
}

export function barOf(done: number, all: number): string {
  const full = Math.floor((done / all) * WIDTH)
  return `[${'#'.repeat(full)}${'.'.repeat(WIDTH - full)}] ${done} of ${all}`
}
