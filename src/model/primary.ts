import type { DataSource, QueryRunner } from 'typeorm'

/** Whether TypeORM's `replication` binds this query runner to the primary; not known of connections without it. */
export function isPrimary(
  { isReplicated }: Pick<DataSource['driver'], 'isReplicated'>,
  runner: QueryRunner | undefined,
): boolean {
  return isReplicated && runner?.getReplicationMode() === 'master'
}
