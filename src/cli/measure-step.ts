import type { DataSource, QueryRunner } from 'typeorm'
import type { Step } from './cascade-steps'
import type { Finding } from './findings'

/** More rows than this behind one step are swept by their type: the default of the option `maxFanOut`. */
const MAX_FAN_OUT = 10_000

/** Looks in the database whether a step is served by an index, and how many rows it leads to at most. 2 queries or more. */
export async function measureStep(
  dataSource: DataSource,
  runner: QueryRunner,
  step: Step,
): Promise<readonly Finding[]> {
  const fanOut = await largestFanOut(dataSource, runner, step)
  const isIndexed = await hasIndex(runner, step)
  const columns = `${step.metadata.tableName} (${step.columns.join(', ')})`
  return [
    {
      level: fanOut > MAX_FAN_OUT ? 'warning' : 'info',
      text: `${step.name}: at most ${fanOut} row(s) behind one record${fanOut > MAX_FAN_OUT ? `, more than ${MAX_FAN_OUT}: their whole type is swept` : ''}`,
    },
    ...(isIndexed
      ? []
      : [
          {
            level: 'warning' as const,
            text: `${step.name}: ${columns} has no index, so every write to the other side reads the whole table; add one: @Index() on the relation`,
          },
        ]),
  ]
}

/** One pass over the table. */
async function largestFanOut(
  dataSource: DataSource,
  runner: QueryRunner,
  { metadata, columns }: Step,
): Promise<number> {
  const escaped = columns.map((name) => `t.${dataSource.driver.escape(name)}`)
  const query = dataSource
    .createQueryBuilder(runner)
    .select('COUNT(*)', 'rows')
    .from(metadata.tablePath, 't')
    .where(escaped.map((name) => `${name} IS NOT NULL`).join(' AND '))
    .orderBy('COUNT(*)', 'DESC')
    .limit(1)
  for (const name of escaped) query.addGroupBy(name)
  const found = await query.getRawOne<{ rows: string | number }>()
  return Number(found?.rows ?? 0)
}

async function hasIndex(runner: QueryRunner, { metadata, columns }: Step): Promise<boolean> {
  const table = await runner.getTable(metadata.tablePath)
  if (table === undefined) return false
  const lists = [
    ...table.indices.map(({ columnNames }) => columnNames),
    ...table.uniques.map(({ columnNames }) => columnNames),
    table.primaryColumns.map(({ name }) => name),
  ]
  // InnoDB has an index for every foreign key, and TypeORM leaves those out of what it reports.
  if (['mysql', 'mariadb', 'aurora-mysql'].includes(runner.connection.options.type))
    lists.push(...table.foreignKeys.map(({ columnNames }) => columnNames))
  return lists.some((names) =>
    columns.every((column) => names.slice(0, columns.length).includes(column)),
  )
}
