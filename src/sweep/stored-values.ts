import type { EntityMetadata, QueryRunner } from 'typeorm'
import type { RecordId } from '../model/record-id'

/** Columns of a primary key as the database stores them, for a WHERE. */
export function storedValues(
  runner: QueryRunner,
  columns: readonly EntityMetadata['columns'][number][],
  id: RecordId,
): readonly unknown[] {
  const { driver } = runner.connection
  return columns.map((column) => {
    const value: unknown = column.getEntityValue(id.map)
    return value == null ? undefined : (driver.preparePersistentValue(value, column) as unknown)
  })
}
