import type { Events } from './core/events'
import type { Keyspace } from './core/keyspace'
import type { SweeperEvents } from './core/sweeper-events'
import type { EntityGraph } from './model/entity-graph'
import type { EntityType } from './model/entity-type'
import { Bulk } from './sweep/bulk'
import type { MoveLog } from './sweep/move-log'
import type { SweepEngine } from './sweep/sweep-engine'
import type { Sweeps } from './version/sweeps'

/** What of a Sweeper bulk work is done with. */
export interface BulkOwner {
  readonly engine: SweepEngine
  readonly events: Events<SweeperEvents>
  readonly keyspace: Keyspace
  readonly sweeps: Pick<Sweeps, 'sweepWhole'>
  readonly moves: MoveLog | undefined
  graph(): EntityGraph
}

/** Runs work whose writes are noted by type; then sweeps the types, once. */
export async function withoutSweeping<T>(
  owner: BulkOwner,
  work: () => Promise<T>,
  sweep: boolean,
): Promise<T> {
  const bulk = new Bulk({
    sweep,
    now: () => performance.now(),
    onProgress: (make) => owner.events.emit('bulk-progress', make),
  })
  try {
    return await owner.engine.bulk(bulk, work)
  } finally {
    if (sweep && bulk.types.size > 0)
      await sweepTypes(owner, 'withoutSweeping', owner.graph().ancestorTypes([...bulk.types]))
    bulk.done()
  }
}

/** Makes every entry of these types unreachable, and tells of it. 1 round trip. */
export async function sweepTypes(
  { sweeps, keyspace, events, moves }: Pick<BulkOwner, 'keyspace' | 'events' | 'sweeps' | 'moves'>,
  operation: string,
  types: readonly EntityType[],
): Promise<void> {
  const startedMs = performance.now()
  const keys = types.map(({ key }) => keyspace.type(key))
  const found = await sweeps.sweepWhole(keys)
  moves?.noteTypes(keys, operation, found !== undefined)
  events.emit('sweep', () => ({
    records: [],
    types: types.map(({ name }) => name),
    causes: [],
    durationMs: performance.now() - startedMs,
    delivered: found !== undefined,
  }))
}
