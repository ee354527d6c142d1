import { OUTSIDE } from '../../../src/cache/transaction-view'
import type { ManualClock } from '../manual-clock'
import type { Bug } from './bug'
import type { ModelDatabase } from './model-database'
import type { ModelProcess } from './model-process'
import type { Step } from './schedule'
import type { Turns } from './turns'

/** How long marks stand. */
export const DEADLINE_MS = 1_000

/** What writers share. */
export interface Writing {
  readonly turns: Turns
  readonly database: ModelDatabase
  readonly clock: ManualClock
  readonly bug: Bug
  /** How often the store has lost a record's token. */
  lossesOf(record: string): number
}

/** A unit of work that writes one row, as src/sweep/closing.ts ends it: mark, COMMIT, sweep. */
export async function writeIn(
  { turns, database, clock, bug, lossesOf }: Writing,
  process: ModelProcess,
  { record, ending, readsBefore }: Extract<Step, { kind: 'write' }>,
): Promise<void> {
  const write = database.begin(record)
  const owner = `w${write}`
  await turns.wait()
  if (readsBefore) await readInside()
  let marked = await mark()
  if (clock.now() - marked.atMs >= DEADLINE_MS / 2) marked = await mark()
  if (bug.sweepsBeforeCommit) await sweep()
  await turns.wait()

  switch (ending) {
    case 'roll-back':
      database.rollBack(write)
      await turns.wait()
      return process.sweeps.unmark([record], owner)
    case 'in-doubt: rolled back':
      database.rollBack(write)
      await turns.wait()
      return sweep()
    case 'die':
      database.commit(write)
      // A COMMIT longer than its mark, and a lost mark: what docs/consistency.md says remains.
      if (clock.now() < marked.atMs + DEADLINE_MS && lossesOf(record) === marked.losses)
        return undefined
      break
    case 'commit':
    case 'in-doubt: committed':
      database.commit(write)
  }
  await turns.wait()
  if (!bug.sweepsBeforeCommit) await sweep()
  return database.acknowledge(write)

  async function mark(): Promise<{ atMs: number; losses: number }> {
    const sent = { atMs: clock.now(), losses: lossesOf(record) }
    if (bug.marks) await process.sweeps.mark([record], owner, DEADLINE_MS)
    return sent
  }

  async function sweep(): Promise<void> {
    await process.sweeps.sweep([{ key: record, row: true }], owner)
  }

  async function readInside(): Promise<void> {
    const content = (): Promise<number[]> => Promise.resolve([...database.read(record), write])
    const view = bug.storesInTransactions
      ? OUTSIDE
      : { isOpen: true, hasWritten: true, name: owner }
    await process.read(record, content, view)
  }
}
