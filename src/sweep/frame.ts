import type { Keyspace } from '../core/keyspace'
import type { EntityType } from '../model/entity-type'
import type { RecordId } from '../model/record-id'

export type Operation =
  'insert' | 'update' | 'remove' | 'soft-remove' | 'recover' | 'link' | 'manual'

/** A record of a known type, with its token key. */
export interface TypedRecord {
  readonly type: EntityType
  readonly id: RecordId
  /** Its token key, which also serves as its identity. */
  readonly key: string
}

/** One step of a cascade: from this record, along this relation. */
export interface Step {
  /** Named when somebody asks: a row that is being inserted has no key before its statement. */
  readonly from: Pick<TypedRecord, 'type' | 'id'>
  readonly relation: string
}

/** Why a record is swept, for those who ask: what was done, and the way from the record that was written. */
export interface Cause {
  readonly operation: Operation
  /** Empty for the written record itself. */
  readonly steps: readonly Step[]
}

/** A record whose row was written, or whose many-to-many rows were. */
export interface ChangedRecord extends TypedRecord {
  readonly operation: Operation
  /** False when only rows that point at it changed (many-to-many): then its row half stays. */
  readonly row: boolean
}

/** A record that belongs to the cascade of a changed one. */
export interface ReachedRecord extends TypedRecord {
  readonly cause: Cause
}

/** How far a whole type is swept; `everywhere`: that of all tenants, with its ancestors. */
export type TypeScope = 'own' | 'with-ancestors' | 'everywhere'

const WIDTH: Readonly<Record<TypeScope, number>> = { own: 0, 'with-ancestors': 1, everywhere: 2 }

/** Above this many changed records of one type in a transaction, the type's token moves instead of theirs. */
const MAX_CHANGED_PER_TYPE = 1000

/**
 * What one transaction level (the transaction itself, or a savepoint in it) will sweep when it commits.
 * Pure: it holds what is known, it resolves and sends nothing.
 */
export class Frame {
  readonly changed = new Map<string, ChangedRecord>()
  /** Parents found so far; what they belong to in turn is followed when the transaction ends. */
  readonly reached = new Map<string, ReachedRecord>()
  /** Tokens of lists of children, and of tables of many-to-many rows. */
  readonly lists = new Set<string>()
  readonly types = new Map<EntityType, TypeScope>()
  /** Something changed in it may belong to others now than before. */
  movesLinks = false
  readonly #perType = new Map<EntityType, number>()

  get isEmpty(): boolean {
    return (
      this.changed.size === 0 &&
      this.reached.size === 0 &&
      this.lists.size === 0 &&
      this.types.size === 0
    )
  }

  addChanged(record: ChangedRecord): void {
    const known = this.changed.get(record.key)
    if (known !== undefined) {
      if (record.row && !known.row) this.changed.set(record.key, record)
      return
    }
    const count = (this.#perType.get(record.type) ?? 0) + 1
    this.#perType.set(record.type, count)
    if (count <= MAX_CHANGED_PER_TYPE) {
      this.changed.set(record.key, record)
      return
    }
    if (count === MAX_CHANGED_PER_TYPE + 1) {
      for (const other of this.changed.values())
        if (other.type === record.type) this.changed.delete(other.key)
    }
    this.addType(record.type, 'own')
  }

  addReached(record: ReachedRecord): void {
    if (!this.reached.has(record.key)) this.reached.set(record.key, record)
  }

  addType(type: EntityType, scope: TypeScope): void {
    const known = this.types.get(type)
    if (known === undefined || WIDTH[scope] > WIDTH[known]) this.types.set(type, scope)
  }

  /** Takes over what a released savepoint will sweep. */
  merge(inner: Frame): void {
    this.movesLinks ||= inner.movesLinks
    for (const record of inner.changed.values()) this.addChanged(record)
    for (const record of inner.reached.values()) this.addReached(record)
    for (const list of inner.lists) this.lists.add(list)
    for (const [type, scope] of inner.types) this.addType(type, scope)
  }
}

/** `Comment:17`, for people. */
export function labelOf(
  keyspace: Keyspace,
  { type, id }: Pick<TypedRecord, 'type' | 'id'>,
): string {
  return `${keyspace.labelOf(type)}:${id.text}`
}
