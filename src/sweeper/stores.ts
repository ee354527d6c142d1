import { InvalidOptionError, quoted, StoreUnavailableError } from '../core/errors'
import type { Events } from '../core/events'
import type { Keyspace } from '../core/keyspace'
import type { SweeperEvents } from '../core/sweeper-events'
import { Near } from '../near/near'
import type { RequestScopes } from '../near/request-scopes'
import type { GuardableStore } from '../store/guardable'
import { GuardedStore, type GuardedStoreOptions } from '../store/guarded-store'
import type { PushingStore } from '../store/push'
import type { Store } from '../store/store'
import type { ResolvedOptions } from './resolve-options'

/** The store that was given, each call bounded and each failure told. */
export function guardedStore(
  { store, readMs, writeMs }: ResolvedOptions,
  events: Events<SweeperEvents>,
): Store {
  const limits: GuardedStoreOptions = {
    readMs,
    writeMs,
    onError: ({ operation, error, durationMs }) =>
      events.emit('store-error', () => ({
        store: store.name,
        operation,
        reason: error instanceof StoreUnavailableError ? error.reason : 'error',
        durationMs,
      })),
    onCircuit: (state) => events.emit('circuit', () => ({ state })),
  }
  return isGuardable(store) ? store.guarded(limits) : new GuardedStore(store, limits)
}

function isGuardable(store: Store): store is Store & GuardableStore {
  return 'guarded' in store
}

/** @throws {InvalidOptionError} SWEEPER_INVALID_OPTION when the store tells nobody of changes */
export function nearOf(
  { near, store, namespace, readMs }: ResolvedOptions,
  guarded: Store,
  { near: lossKeys }: Keyspace,
  requests: RequestScopes,
): Near | undefined {
  if (near === undefined) return undefined
  if (!isPushing(store))
    throw new InvalidOptionError(
      `new Sweeper(): near is set, and the store ${quoted(store.name)} does not tell of changes; give a MemoryStore, a RedisStore or a ClusterStore, or leave near out`,
    )
  return new Near(store, guarded, { ...near, namespace, fenceMs: readMs, lossKeys, requests })
}

function isPushing(store: Store): store is Store & PushingStore {
  return 'listen' in store
}
