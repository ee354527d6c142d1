import type { DataSource, SelectQueryBuilder } from 'typeorm'

type LockMode = 'for_no_key_update' | 'pessimistic_write'

/** How databases differ in what a watched statement can learn, and how. */
export interface DatabaseTraits {
  /** RETURNING on UPDATE and DELETE: the rows written, exactly, without a query of our own. */
  readonly returnsRows: boolean
  /** How rows are read that the same transaction is about to write, so that nobody moves them in between. */
  readonly lock: LockMode | undefined
  /** Plain reads of a transaction may come from a snapshot older than its last statement. */
  readonly readsOldSnapshot: boolean
  /** One query runner, and so one transaction, for everyone (typeorm facts T25). */
  readonly sharedRunner: boolean
  /** Whether an upsert decides by the columns it names, and by no other unique ones. */
  readonly decidesByNamedColumns: boolean
  /** Whether the generated keys that TypeORM reports for an INSERT of several rows are right (typeorm facts 2.6). */
  readonly reportsManyIds: boolean
}

const POSTGRES = ['postgres', 'cockroachdb', 'aurora-postgres']
const MYSQL = ['mysql', 'mariadb', 'aurora-mysql']

export function traitsOf(dataSource: DataSource): DatabaseTraits {
  const type: string = dataSource.options.type
  const isPostgres = POSTGRES.includes(type)
  const isMysql = MYSQL.includes(type)
  return {
    returnsRows: isPostgres,
    // FOR NO KEY UPDATE and not FOR UPDATE: it is what UPDATE itself takes, and lets foreign key checks pass.
    lock: isPostgres ? 'for_no_key_update' : isMysql ? 'pessimistic_write' : undefined,
    readsOldSnapshot: isMysql,
    sharedRunner: !isPostgres && dataSource.createQueryRunner() === dataSource.createQueryRunner(),
    decidesByNamedColumns: !isMysql,
    reportsManyIds: type !== 'sqljs',
  }
}

export function locked<T extends object>(
  select: SelectQueryBuilder<T>,
  lock: LockMode | undefined,
): SelectQueryBuilder<T> {
  return lock === undefined ? select : select.setLock(lock)
}
