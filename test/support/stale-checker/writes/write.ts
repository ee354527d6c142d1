import type { DataSource, EntityManager } from 'typeorm'
import type { Dice } from '../dice'

/** One way to write. Whatever it commits carries `by`, in the rows or by `signed`. */
export interface Write {
  readonly name: string
  /** How often it is drawn. */
  readonly weight: number
  run(dataSource: DataSource, dice: Dice, by: string): Promise<void>
}

/** A transaction whose rows are known by its setting, also those without a column for it. */
export function signed(
  dataSource: DataSource,
  by: string,
  work: (manager: EntityManager) => Promise<void>,
): Promise<void> {
  return dataSource.transaction(async (manager) => {
    await manager.query(`SELECT set_config('check.by', $1, true)`, [by])
    await work(manager)
  })
}

/** Rows that are removed and made again have numbers that grow only if their writers take turns. */
export async function takeTurns(manager: EntityManager, what: number): Promise<void> {
  await manager.query('SELECT pg_advisory_xact_lock($1)', [what])
}
