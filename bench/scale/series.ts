import type { Servers } from '../servers'
import { quartiles } from '../statistics'
import type { Plot } from './svg'

export interface Scaling {
  readonly servers: Servers
  /** Also the sizes that take minutes. */
  readonly largest: boolean
}

/** One thing that grows. */
export interface Series {
  /** Of the files it goes into. */
  readonly name: string
  measure(scaling: Scaling): Promise<Plot>
}

/** The median of how long some runs took, in microseconds. */
export async function medianUs(runs: number, run: () => Promise<unknown>): Promise<number> {
  const samples: number[] = []
  for (let at = 0; at < runs; at++) {
    const startedMs = performance.now()
    await run()
    samples.push((performance.now() - startedMs) * 1000)
  }
  return quartiles(samples).median
}

/** 1, 10, 100, ... up to the last one. */
export function powersOfTen(last: number): number[] {
  const powers: number[] = []
  for (let power = 1; power <= last; power *= 10) powers.push(power)
  return powers
}
