import type { QueryRunner } from 'typeorm'
import type { EntityGraph } from '../model/entity-graph'
import type { EntityType } from '../model/entity-type'
import { idFromEntity, idFromRow, type RecordId } from '../model/record-id'
import type { TokenSweep } from '../store/store'
import { byType, followToTheTop } from '../sweep/cascade'
import { noteChanged, type CollectingParts } from '../sweep/collecting'
import { Frame, type ChangedRecord, type ReachedRecord } from '../sweep/frame'
import { keysOfType, sweepsOf } from '../sweep/frame-sweeps'
import type { OutboxRow } from './outbox-table'
import { decodeSweep, type RecordedRecord, type RecordedSweep } from './recorded-sweep'

export interface Resolved {
  readonly tokens: readonly TokenSweep[]
  /** The database has refused a look at the rows; on PostgreSQL its transaction has failed by that. */
  readonly failed: boolean
}

/** What rows say, before anything is looked up. */
interface Said {
  readonly frame: Frame
  readonly tokens: TokenSweep[]
  readonly changed: ChangedRecord[]
  readonly start: ReachedRecord[]
}

/**
 * Finds everything that the sweeps of some rows have to reach. Cascades are followed anew: a record
 * may belong to others by now than when it was written (consistency H11b). What cannot be read is swept by its type,
 * and what names no type known here by all types.
 */
export function resolveRows(
  parts: CollectingParts,
  runner: QueryRunner,
  rows: readonly OutboxRow[],
): Promise<Resolved> {
  // Whoever delivers does it for nobody.
  return parts.tenants.in(null, () => resolve(parts, runner, rows))
}

async function resolve(
  parts: CollectingParts,
  runner: QueryRunner,
  rows: readonly OutboxRow[],
): Promise<Resolved> {
  const said: Said = { frame: new Frame(), tokens: [], changed: [], start: [] }
  for (const row of rows) read(parts, row, said)
  const { frame, changed, start, tokens } = said
  let failed = false
  try {
    for (const [type, records] of byType(changed)) {
      const ids = records.map(({ id }) => id)
      noteChanged(parts, frame, records, await parts.parents.ofRecords(runner, type, ids))
    }
    const from = [...start, ...frame.reached.values()]
    await followToTheTop(runner, parts.parents, frame, from)
  } catch {
    // A column that is gone, a key that the database cannot read: their types are swept instead.
    failed = true
    for (const { type } of [...changed, ...start]) frame.addType(type, 'with-ancestors')
  }
  return { tokens: merged([...tokens, ...sweepsOf(parts, frame)]), failed }
}

function read(parts: CollectingParts, row: OutboxRow, said: Said): void {
  if (row.sweep !== null) readSweep(parts, row.sweep, said)
  else readNamed(parts, row, said)
}

/** Written by the library. */
function readSweep(parts: CollectingParts, text: string, { frame, tokens, start }: Said): void {
  const recorded = decodeSweep(text)
  if (recorded === undefined) {
    addEverything(parts.graph, frame)
    return
  }
  tokens.push(...recorded.tokens)
  if (recorded.tenant !== undefined) return addTypesOf(parts, recorded, tokens)
  for (const record of recorded.records) {
    const type = parts.graph.typeOfTarget(record.type)
    if (type === undefined) continue
    const id = idOfRecorded(type, record)
    if (id === undefined) frame.addType(type, 'with-ancestors')
    else start.push(reached(parts, type, id))
  }
}

/** Their rows are in tables that are not reached from here: what they belong to by now is swept by its type. */
function addTypesOf(
  { graph, keyspace, tenants }: CollectingParts,
  { records, tenant }: RecordedSweep,
  tokens: TokenSweep[],
): void {
  const types = new Set(records.flatMap(({ type }) => graph.typeOfTarget(type) ?? []))
  tenants.in(tenant ?? null, () => {
    for (const type of types)
      for (const key of keysOfType({ graph, keyspace }, type, 'with-ancestors'))
        tokens.push({ key, row: true })
  })
}

/** Written by others, who name an entity and perhaps a key. */
function readNamed(
  parts: CollectingParts,
  { entity, recordId }: OutboxRow,
  { frame, changed }: Said,
): void {
  const type = entity === null ? undefined : typeNamed(parts.graph, entity)
  if (type === undefined) {
    addEverything(parts.graph, frame)
    return
  }
  const id = recordId === null ? undefined : idOfText(type, recordId)
  // It does not say whose it is.
  if (parts.tenants.areKept && !parts.keyspace.isShared(type.key)) frame.addType(type, 'everywhere')
  else if (id === undefined) frame.addType(type, 'with-ancestors')
  else changed.push({ ...parts.parents.record(type, id), operation: 'manual', row: true })
}

function typeNamed(graph: EntityGraph, name: string): EntityType | undefined {
  return (
    graph.typeOfTarget(name) ??
    graph.types.find(({ name: own, metadata }) => own === name || metadata.tableName === name)
  )
}

function idOfRecorded(type: EntityType, { id }: RecordedRecord): RecordId | undefined {
  return typeof id === 'object' && id !== null ? idFromEntity(type, id) : undefined
}

/** As the database writes keys as text. */
function idOfText(type: EntityType, text: string): RecordId | undefined {
  const [only, ...others] = type.idColumns
  if (only === undefined) return undefined
  if (others.length === 0) return idOfRaw(type, [text])
  const parts = partsOf(text)
  const values = type.idColumns.map(
    ({ databaseName, propertyName }) => parts?.[databaseName] ?? parts?.[propertyName],
  )
  return values.every((value) => value != null) ? idOfRaw(type, values) : undefined
}

/** A database would take some text for another key: MariaDB reads 'seven' as 0. */
function idOfRaw(type: EntityType, raw: readonly unknown[]): RecordId | undefined {
  const isKey = type.keyColumns.every(
    ({ textOf, hydrate }, at) => textOf(hydrate(raw[at])) !== undefined,
  )
  return isKey ? idFromRow(type, raw) : undefined
}

function partsOf(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null
      ? (value as Readonly<Record<string, unknown>>)
      : undefined
  } catch {
    // No JSON: the caller sweeps the type.
    return undefined
  }
}

function reached({ parents }: CollectingParts, type: EntityType, id: RecordId): ReachedRecord {
  return { ...parents.record(type, id), cause: { operation: 'manual', steps: [] } }
}

function addEverything(graph: EntityGraph, frame: Frame): void {
  for (const type of graph.types) frame.addType(type, 'everywhere')
}

function merged(tokens: readonly TokenSweep[]): readonly TokenSweep[] {
  const rows = new Map<string, boolean>()
  for (const { key, row } of tokens) rows.set(key, row || (rows.get(key) ?? false))
  return [...rows].map(([key, row]) => ({ key, row }))
}
