import type { DataSourceOptions } from 'typeorm'

/** An empty SQLite database inside this process, gone with its DataSource. */
export function sqljs(): Extract<DataSourceOptions, { type: 'sqljs' }> {
  return { type: 'sqljs' }
}
