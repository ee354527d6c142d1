import type { Servers } from '../servers'
import { quartiles } from '../statistics'
import type { Plot } from './svg'

/** How far it goes: just far enough to see that it runs, the usual way, or to what takes minutes. */
export type Size = 'fast' | 'usual' | 'largest'

export interface Scaling {
  readonly servers: Servers
  readonly size: Size
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
