import { AsyncLocalStorage } from 'node:async_hooks'
import type { EntityType } from '../model/entity-type'

/** A `withoutSweeping()` in progress: the types written in it, and whether they are swept when it settles. */
export interface Bulk {
  readonly types: Set<EntityType>
  readonly sweep: boolean
}

const bulk = new AsyncLocalStorage<Bulk>()

/** Runs work whose writes are only noted by type. */
export function inBulk<T>(one: Bulk, work: () => Promise<T>): Promise<T> {
  return bulk.run(one, work)
}

/** The `withoutSweeping()` that this code runs in, if it does. */
export function currentBulk(): Bulk | undefined {
  return bulk.getStore()
}
