import type { DataSource } from 'typeorm'
import type { Filling } from '../cache/filling'
import { Lookup } from '../cache/lookup'
import { QueryCache, type QueryCacheParts } from '../query-cache/query-cache'
import type { Store } from '../store/store'
import type { MoveLog } from '../sweep/move-log'
import type { Reads } from './reads'
import type { Sweeps } from '../version/sweeps'
import type { TokenReader } from '../version/token-reader'

export interface QueryWiring {
  readonly dataSource: DataSource
  readonly store: Store
  readonly reader: TokenReader
  readonly isOn: boolean
  readonly filling: Filling
  isTrusted(): boolean
  isBypassed(): boolean
  warn(message: string): void
}

/** What of a Sweeper the query cache works with. */
export interface QueryCacheOwner extends Pick<
  QueryCacheParts,
  'keyspace' | 'tenants' | 'pins' | 'events'
> {
  readonly reads: Reads
  readonly sweeps: Pick<Sweeps, 'sweepWhole'>
  readonly moves: MoveLog | undefined
}

/** The query cache of a Sweeper. */
export function buildQueryCache(owner: QueryCacheOwner, given: QueryWiring): QueryCache {
  const { keyspace, tenants, pins, events, reads } = owner
  const { dataSource, store, reader, isOn, isTrusted, isBypassed, warn, filling } = given
  const storeNow = (): number => Date.now() + (store.clock()?.offsetMs ?? 0)
  return new QueryCache({
    dataSource,
    keyspace,
    tenants,
    pins,
    events,
    isOn,
    isBypassed,
    warn,
    lookup: new Lookup(reader, isTrusted, storeNow),
    filling,
    transactionOf: (runner) => reads.transactionOf(runner.manager, []),
    sharedRunner: () => reads.sharedRunner(),
    sweep: async (keys) => {
      const found = await owner.sweeps.sweepWhole(keys)
      owner.moves?.noteTypes(keys, 'clear of the query cache', found !== undefined)
    },
  })
}
