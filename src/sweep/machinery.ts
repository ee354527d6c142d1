import { randomBytes } from 'node:crypto'
import type { DataSource } from 'typeorm'
import type { Events } from '../core/events'
import type { Keyspace } from '../core/keyspace'
import type { SweeperEvents } from '../core/sweeper-events'
import type { Tenants } from '../core/tenants'
import { EntityGraph } from '../model/entity-graph'
import type { Recorder } from './recorder'
import type { Sweeps } from '../version/sweeps'
import { Closing, type ClosingOptions, type ClosingParts } from './closing'
import type { CollectingParts } from './collecting'
import { traitsOf } from './database-traits'
import type { MoveLog } from './move-log'
import { Parents } from './parents'
import { QueryClock } from './query-clock'
import { RawStatements } from './raw-statements'
import { RowReader } from './row-reader'
import { Stages } from './stages'
import { Statements } from './statements'
import type { SweepMachinery } from './sweep-machinery'
import { TableIndex } from './table-index'
import { Units } from './units'

export interface MachineryParts {
  readonly dataSource: DataSource
  readonly keyspace: Keyspace
  readonly tenants: Tenants
  readonly sweeps: Sweeps
  readonly events: Events<SweeperEvents>
  readonly moves: MoveLog | undefined
  readonly maxFanOut: number
  readonly closing: ClosingOptions
  readonly written: ClosingParts['written']
  /** Makes what records sweeps durably, if anything does. */
  recorder(graph: EntityGraph): Recorder | undefined
  warn(message: string): void
}

/** Names this process in marks. */
const PROCESS = randomBytes(6).toString('base64url')
let units = 0

/**
 * Puts together what sweeps one initialized DataSource.
 *
 * @throws {DeclarationError} SWEEPER_DECLARATION
 */
export function buildMachinery(given: MachineryParts): SweepMachinery {
  const { dataSource, keyspace, tenants, sweeps, events, maxFanOut, warn } = given
  const graph = EntityGraph.of(dataSource)
  const rows = new RowReader(dataSource)
  const parents = new Parents(rows, graph, keyspace, maxFanOut)
  const database = traitsOf(dataSource)
  const parts: CollectingParts = {
    graph,
    keyspace,
    tenants,
    parents,
    rows,
    database,
    maxFanOut,
    onTypeSweep: (type, reason) => events.emit('type-sweep', () => ({ type: type.name, reason })),
  }
  const nextOwner = (): string => `${PROCESS}-${(units++).toString(36)}`
  const { written, moves } = given
  const recorder = given.recorder(graph)
  const running = new Units(nextOwner, database.readsOldSnapshot, recorder !== undefined)
  const closing = new Closing(
    { graph, keyspace, tenants, parents, sweeps, events, moves, written, recorder },
    given.closing,
  )
  return {
    graph,
    parts,
    units: running,
    closing,
    statements: new Statements(parts, running, closing),
    stages: new Stages(parts),
    raw: new RawStatements(running, closing, new TableIndex(dataSource, graph, warn), tenants),
    clock: new QueryClock(),
  }
}
