import type { Events } from '../core/events'
import type { Keyspace } from '../core/keyspace'
import type { Tenant, Tenants } from '../core/tenants'
import type { SweeperEvents } from '../core/sweeper-events'
import type { EntityGraph } from '../model/entity-graph'
import type { EntityType } from '../model/entity-type'
import { Bulk, inBulk } from '../sweep/bulk'
import type { TypeScope } from '../sweep/frame'
import { isEverywhere, keysOfTypes } from '../sweep/frame-sweeps'
import type { MoveLog } from '../sweep/move-log'
import type { Sweeps } from '../version/sweeps'

/** What of a Sweeper bulk work is done with. */
export interface BulkOwner {
  readonly events: Events<SweeperEvents>
  readonly keyspace: Keyspace
  readonly tenants: Tenants
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
    return await inBulk(bulk, work)
  } finally {
    if (sweep && bulk.types.size > 0) {
      const types = owner.graph().ancestorTypes([...bulk.types])
      await owner.tenants.in(onlyOf(bulk.tenants), () =>
        sweepTypes(owner, 'withoutSweeping', types, 'with-ancestors'),
      )
    }
    bulk.done()
  }
}

/** The tenant that all was written for; null where it was not one. */
function onlyOf(tenants: ReadonlySet<Tenant>): Tenant {
  const [first = null] = tenants
  return tenants.size === 1 ? first : null
}

/** Makes every entry of these types unreachable, and tells of it. 1 round trip. */
export async function sweepTypes(
  { sweeps, keyspace, events, moves }: Pick<BulkOwner, 'keyspace' | 'events' | 'sweeps' | 'moves'>,
  operation: string,
  types: readonly EntityType[],
  scope: TypeScope,
): Promise<void> {
  const startedMs = performance.now()
  const everywhere = isEverywhere(keyspace, types, scope)
  const keys = keysOfTypes(keyspace, types, everywhere)
  const names = types.map((type) => (everywhere ? type.name : keyspace.labelOf(type)))
  const found = await sweeps.sweepWhole(keys)
  moves?.noteTypes(keys, operation, found !== undefined)
  events.emit('sweep', () => ({
    records: [],
    types: names,
    causes: [],
    durationMs: performance.now() - startedMs,
    delivered: found !== undefined,
  }))
}
