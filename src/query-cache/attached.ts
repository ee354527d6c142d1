import type { DataSource } from 'typeorm'
import type { QueryCache } from './query-cache'

const caches = new WeakMap<DataSource, QueryCache>()

/** TypeORM makes its provider in `initialize()`, a Sweeper is made before or after it: they meet here. */
export function attachQueryCache(dataSource: DataSource, cache: QueryCache): void {
  caches.set(dataSource, cache)
}

export function detachQueryCache(dataSource: DataSource, cache: QueryCache): void {
  if (caches.get(dataSource) === cache) caches.delete(dataSource)
}

export function queryCacheOf(dataSource: DataSource): QueryCache | undefined {
  return caches.get(dataSource)
}
