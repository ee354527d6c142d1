import type { Keyspace } from '../core/keyspace'
import type { EntityType } from '../model/entity-type'
import type { TokenState } from '../store/token'
import type { Found, Sweeps } from '../version/sweeps'
import type { UnitOfWork } from './unit-of-work'

/**
 * Sees whether a whole type was swept while a unit of work passed through its records: raw SQL, an import or a write
 * of thousands of rows may have moved one of them, and leaves no trace on the record itself (consistency H11).
 * Type tokens are few, so a missing one is made: only what is there can be compared.
 */
export class TypeWatch {
  readonly #keyspace: Keyspace
  readonly #sweeps: Sweeps

  constructor(keyspace: Keyspace, sweeps: Sweeps) {
    this.#keyspace = keyspace
    this.#sweeps = sweeps
  }

  /** Before links of these types are read. 1 round trip, none for what the unit has seen. Never rejects. */
  async begin(unit: UnitOfWork, types: Iterable<EntityType>): Promise<void> {
    const keys = [...new Set(types)]
      .flatMap(({ key }) => this.#keyspace.types(key))
      .filter((key) => !unit.typesSeen.has(key))
    if (keys.length === 0) return
    const found = await this.#sweeps.pinTypes(keys)
    for (const key of keys) unit.typesSeen.set(key, found?.get(key))
  }

  /** After COMMIT. 1 round trip if anything was seen before it. Never rejects. */
  async end(unit: UnitOfWork): Promise<Found | undefined> {
    return this.#sweeps.currentTypes([...unit.typesSeen.keys()])
  }

  /** Whether nobody has swept the type in between, nor was about to. */
  stands(unit: UnitOfWork, { key: type }: EntityType, now: Found | undefined): boolean {
    return this.#keyspace.types(type).every((key) => {
      const before = unit.typesSeen.get(key)
      return isCalm(before) && before.whole === now?.get(key)?.whole && isCalm(now.get(key))
    })
  }
}

function isCalm(state: TokenState | undefined): state is TokenState {
  return state !== undefined && !state.marked
}
