import type { SweepRecorder } from '../zoo-sweeper'
import type { Expected } from './expected'
import type { Versions } from './versions'

/** What is wrong with a unit of work; empty if nothing. */
export interface Verdict {
  readonly faults: readonly string[]
  /** Records named in the sweep that neither changed nor belong to what changed. */
  readonly oversweep: readonly string[]
  /** Those of them that no row was written for, not even with the values it had. */
  readonly baseless: readonly string[]
  /** Types that were swept as a whole. */
  readonly types: readonly string[]
}

/** What is known of a unit beside the tables. */
export interface Unit {
  readonly sweeps: SweepRecorder
  readonly committed: boolean
  /** Whether its sweep event names the records. */
  readonly named: boolean
}

export function judge(
  { records, lists, rewritten }: Expected,
  before: Versions,
  after: Versions,
  { sweeps, committed, named }: Unit,
): Verdict {
  const hasMoved = (label: string): boolean => before.get(label) !== after.get(label)
  const faults: string[] = []
  const types = new Set([...records].map((label) => label.slice(0, label.indexOf(':'))))
  for (const label of [...records, ...lists, ...types])
    if (before.has(label) && !hasMoved(label)) faults.push(`${label} was not swept`)
  if (named && sweeps.types.length === 0)
    for (const label of records)
      if (!sweeps.records.includes(label)) faults.push(`${label} is not named in the sweep event`)
  const moved = [...before.keys()].filter((label) => hasMoved(label))
  if (!committed)
    for (const label of moved) faults.push(`${label} was swept for work that was rolled back`)
  const oversweep = sweeps.records.filter((label) => !records.has(label))
  return {
    faults,
    oversweep,
    baseless: oversweep.filter((label) => !rewritten.has(label)),
    types: sweeps.types,
  }
}
