import type { Keyspace } from '../core/keyspace'
import type { EntityGraph } from '../model/entity-graph'
import type { EntityType } from '../model/entity-type'
import type { Found, Sweeps } from '../version/sweeps'
import type { ChangedRecord, Frame, ReachedRecord } from './frame'
import { TypeWatch } from './type-watch'
import type { UnitOfWork } from './unit-of-work'

/** What was swept after COMMIT, and what the store held then, of records and of types. */
export interface Done {
  readonly frame: Frame
  readonly found: Found | undefined
  readonly types: Found | undefined
}

/**
 * The links that a unit of work has followed: which of them may lead elsewhere by the time of its COMMIT
 * (consistency H11). Each record was marked before its link was read, so whoever moved it later has left a trace
 * under that mark: another row half. Who swept the whole type has left it on the type.
 */
export class FollowedLinks {
  readonly #graph: EntityGraph
  readonly #types: TypeWatch

  constructor(parts: {
    readonly graph: EntityGraph
    readonly keyspace: Keyspace
    readonly sweeps: Sweeps
  }) {
    this.#graph = parts.graph
    this.#types = new TypeWatch(parts.keyspace, parts.sweeps)
  }

  /** Before the links of these records are read. 1 round trip, none for types that were seen. Never rejects. */
  watch(unit: UnitOfWork, records: Iterable<ReachedRecord>): Promise<void> {
    const types = [...records].map(({ type }) => type).filter((type) => this.#hasLinks(type))
    return this.#types.begin(unit, types)
  }

  /** After COMMIT. 1 round trip if links were followed. Never rejects. */
  typesNow(unit: UnitOfWork): Promise<Found | undefined> {
    return this.#types.end(unit)
  }

  /** Where links have to be read again after COMMIT. */
  thatMayHaveMoved(unit: UnitOfWork, done: Done): readonly ReachedRecord[] {
    const changed = [...done.frame.changed.values()].filter(({ type }) =>
      this.#hasLinksElsewhere(type),
    )
    const followed = [...unit.followed.values()].filter((one) =>
      this.#mayHaveMoved(unit, one, done),
    )
    return [...changed.map(startOf), ...followed]
  }

  #mayHaveMoved(
    unit: UnitOfWork,
    { type, key }: ReachedRecord,
    { frame, found, types }: Done,
  ): boolean {
    if (!unit.marked.has(key) || !this.#hasLinks(type)) return false
    if (unit.readsOldSnapshot || this.#hasLinksElsewhere(type)) return true
    const scope = frame.types.get(type)
    const isWholeSwept = scope !== undefined && scope !== 'own'
    if (!isWholeSwept && !this.#types.stands(unit, type, types)) return true
    return hasMoved(unit.seenAt.get(key)?.row, found?.get(key)?.row)
  }

  #hasLinks(type: EntityType): boolean {
    return this.#graph.linksFrom(type).length > 0
  }

  /** Links that stand in other tables' rows: they change without a trace on the record, and its row does not lock them. */
  #hasLinksElsewhere(type: EntityType): boolean {
    return this.#graph.linksFrom(type).some(({ kind }) => kind !== 'foreign-key')
  }
}

function startOf(record: ChangedRecord): ReachedRecord {
  const { type, id, key, operation } = record
  return { type, id, key, cause: { operation, steps: [] } }
}

/** No token before and an empty mark after is the same state: nobody has written the row meanwhile. */
function hasMoved(seen: string | undefined, now: string | undefined): boolean {
  return now === undefined || (seen ?? '') !== now
}
