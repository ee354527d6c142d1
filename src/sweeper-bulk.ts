import type { Events } from './core/events'
import type { Keyspace } from './core/keyspace'
import type { SweeperEvents } from './core/sweeper-events'
import type { EntityGraph } from './model/entity-graph'
import { Bulk } from './sweep/bulk'
import type { SweepEngine } from './sweep/sweep-engine'

/** What of a Sweeper bulk work is done with. */
export interface BulkOwner {
  readonly engine: SweepEngine
  readonly events: Events<SweeperEvents>
  readonly keyspace: Keyspace
  graph(): EntityGraph
  sweepTypes(keys: readonly string[]): Promise<void>
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
    if (sweep && bulk.types.size > 0) {
      const types = owner.graph().ancestorTypes([...bulk.types])
      await owner.sweepTypes(types.map(({ key }) => owner.keyspace.type(key)))
    }
    bulk.done()
  }
}
