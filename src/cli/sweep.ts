import { EntitySchema, type DataSource, type EntityMetadata } from 'typeorm'
import { record, type SweepEvent, type Sweeper } from '../index'
import type { Arguments } from './arguments'
import { applicationsSweeper } from './sweeper-for'
import { UsageError, type Terminal } from './usage'

/** Sweeps a record, or every record of an entity, and prints what was swept. */
export async function sweep(
  dataSource: DataSource,
  { operands, cascade }: Pick<Arguments, 'operands' | 'cascade'>,
  terminal: Terminal,
): Promise<number> {
  const sweeper = applicationsSweeper('sweep', dataSource)
  await dataSource.initialize()
  const [name = '', id] = operands
  const metadata = entityNamed(dataSource, name)
  const target = targetOf(metadata)
  const on = id === undefined ? target : record(target, keyOf(metadata, id))
  return told(sweeper, terminal, () => sweeper.sweep(on, { cascade }))
}

/** Makes every entry of the namespace unreachable. */
export async function clear(dataSource: DataSource, { out }: Terminal): Promise<number> {
  const sweeper = applicationsSweeper('clear', dataSource)
  await dataSource.initialize()
  await sweeper.clear()
  out('cleared\n')
  return 0
}

async function told(
  sweeper: Sweeper,
  { out, err }: Terminal,
  work: () => Promise<void>,
): Promise<number> {
  const events: SweepEvent[] = []
  const off = sweeper.on('sweep', (event) => events.push(event))
  await work()
  off()
  for (const { records, types } of events) {
    for (const label of records) out(`swept ${label}\n`)
    for (const type of types) out(`swept every ${type}, and what they belong to\n`)
  }
  if (events.length > 0 && events.every(({ delivered }) => delivered)) return 0
  err('the store has not acknowledged it; is it up and reachable from here?\n')
  return 1
}

/** What is named in an `on`: the class, or the schema of an entity without one. */
function targetOf({ target, name }: EntityMetadata): (abstract new () => object) | EntitySchema {
  return typeof target === 'function'
    ? (target as abstract new () => object)
    : new EntitySchema({ name, columns: {} })
}

function entityNamed({ entityMetadatas }: DataSource, name: string): EntityMetadata {
  const found = entityMetadatas.find((one) => one.name === name)
  if (found !== undefined) return found
  const names = entityMetadatas.filter(({ tableType }) => tableType === 'regular')
  throw new UsageError(
    `sweep: there is no entity "${name}"; there are ${names.map((one) => one.name).join(', ')}`,
  )
}

/** `17`, or JSON for a key of several columns: `{"orderNo":7,"lineNo":1}`. */
function keyOf({ primaryColumns }: EntityMetadata, id: string): string | object {
  if (primaryColumns.length === 1) return id
  try {
    const parts: unknown = JSON.parse(id)
    if (typeof parts === 'object' && parts !== null) return parts
  } catch (error) {
    throw new UsageError(wrongKey(primaryColumns, id), { cause: error })
  }
  throw new UsageError(wrongKey(primaryColumns, id))
}

function wrongKey(columns: EntityMetadata['primaryColumns'], id: string): string {
  const names = columns.map(({ propertyPath }) => `"${propertyPath}":…`).join(',')
  return `sweep: "${id}" is no key of several columns; give JSON: '{${names}}'`
}
