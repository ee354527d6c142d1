import type { DataSource } from 'typeorm'
import { SweepOutbox } from './sweep-outbox'

/** The path of the table: as the entity says where it is listed, else where this DataSource's tables are. */
export function outboxPathOf(dataSource: DataSource): string {
  if (dataSource.hasMetadata(SweepOutbox)) return dataSource.getMetadata(SweepOutbox).tablePath
  const { options, driver } = dataSource
  const schema = 'schema' in options ? options.schema : undefined
  return driver.buildTableName(`${options.entityPrefix ?? ''}sweep_outbox`, schema)
}
