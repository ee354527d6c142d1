import type { GuardedStoreOptions } from './guarded-store'
import type { Store } from './store'

/** A store on many servers: each is guarded by itself, so that one that hangs costs the others nothing. */
export interface GuardableStore {
  /** This store with a deadline for each call and a circuit for each server, in the place of a `GuardedStore` around it. */
  guarded(limits: GuardedStoreOptions): Store
}
