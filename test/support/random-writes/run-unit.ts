import type { DataSource, EntityManager } from 'typeorm'
import type { Sweeper } from '../../../src/index'
import { isSqlite } from '../services-sqlite'
import type { Level, UnitPlan } from './units-of-work'

/** Whether anything of a unit can have been committed, and the errors that its writes met. */
export interface UnitOutcome {
  readonly committed: boolean
  readonly errors: readonly string[]
}

class RolledBack extends Error {}

export async function runUnit(
  dataSource: DataSource,
  sweeper: Sweeper,
  plan: UnitPlan,
): Promise<UnitOutcome> {
  const errors: string[] = []
  const note = (error: unknown): void => {
    if (!(error instanceof RolledBack)) errors.push(messageOf(error))
  }
  switch (plan.shape) {
    case 'single':
      await plan.operation.run(dataSource.manager).catch(note)
      return { committed: true, errors }
    case 'transaction': {
      const committed = await runTransaction(dataSource.manager, plan.level, note)
      return { committed, errors }
    }
    case 'parallel': {
      const running = plan.levels.map((level) => runTransaction(dataSource.manager, level, note))
      const committed = await Promise.all(running)
      return { committed: committed.includes(true), errors }
    }
    case 'without-sweeping':
      await sweeper
        .withoutSweeping(async () => {
          for (const operation of plan.operations) await operation.run(dataSource.manager)
        })
        .catch(note)
      return { committed: true, errors }
    case 'raw-transaction': {
      const committed = await runRawTransaction(dataSource, plan, note)
      return { committed, errors }
    }
  }
}

async function runTransaction(
  manager: EntityManager,
  level: Level,
  note: (error: unknown) => void,
): Promise<boolean> {
  try {
    await manager.transaction(async (inner) => {
      for (const step of level.steps) {
        if ('steps' in step) await runTransaction(inner, step, note)
        else await step.run(inner)
      }
      if (level.isRolledBack) throw new RolledBack()
    })
    return true
  } catch (error) {
    note(error)
    return false
  }
}

async function runRawTransaction(
  dataSource: DataSource,
  { operations, isRolledBack }: Extract<UnitPlan, { shape: 'raw-transaction' }>,
  note: (error: unknown) => void,
): Promise<boolean> {
  const runner = dataSource.createQueryRunner()
  let ends = isRolledBack
  try {
    await runner.query('BEGIN')
    for (const operation of operations) await operation.run(runner.manager)
  } catch (error) {
    note(error)
    ends = true
  }
  await runner.query(ends ? 'ROLLBACK' : 'COMMIT').catch(note)
  if (!isSqlite(dataSource.options)) await runner.release()
  return !ends
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
