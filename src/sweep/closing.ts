import type { Events } from '../core/events'
import type { Keyspace } from '../core/keyspace'
import type { SweeperEvents } from '../core/sweeper-events'
import { StoreUnavailableError } from '../core/errors'
import type { EntityGraph } from '../model/entity-graph'
import type { EntityType } from '../model/entity-type'
import type { TokenSweep } from '../store/store'
import type { Found, Sweeps } from '../version/sweeps'
import { followToTheTop } from './cascade'
import { endsTransaction } from './database-answer'
import { Frame, labelOf, type ReachedRecord } from './frame'
import type { Parents } from './parents'
import type { UnitOfWork } from './unit-of-work'

export interface ClosingOptions {
  /** Undefined: no marks. Milliseconds on the store's clock. */
  readonly markDeadlineMs: number | undefined
  readonly onStoreError: 'degrade' | 'throw'
  /** How long a writer waits for its sweep to be delivered under `'throw'`. */
  readonly deliveryMs: number
}

export interface ClosingParts {
  readonly graph: EntityGraph
  readonly keyspace: Keyspace
  readonly parents: Parents
  readonly sweeps: Sweeps
  readonly events: Events<SweeperEvents>
}

/**
 * The end of a unit of work: follow what was changed to everything it belongs to, mark all of it
 * just before COMMIT, replace the tokens after it, and make sure that the cascade was still true by then.
 */
export class Closing {
  readonly #parts: ClosingParts
  readonly #options: ClosingOptions

  constructor(parts: ClosingParts, options: ClosingOptions) {
    this.#parts = parts
    this.#options = options
  }

  /**
   * Before COMMIT, or before a statement that commits by itself. With marks: one round trip per step of the
   * cascade, one query per step and type. A record is marked *before* its link is read: whoever moves it
   * later leaves a trace under our mark, which `finish` sees (consistency H11).
   *
   * Rejects under `onStoreError: 'throw'`, with SWEEPER_STORE_UNAVAILABLE; and where a read has met what ended the
   * transaction (a deadlock): COMMIT would answer as if nothing was lost.
   */
  async prepare(unit: UnitOfWork): Promise<void> {
    const frame = unit.pending.collapse()
    if (frame.isEmpty || this.#options.markDeadlineMs === undefined) return
    try {
      await this.#mark(unit, this.#keysOf(frame))
      await this.#follow(unit, frame, (step) => this.#mark(unit, this.#keysOfReached(step)))
      await this.#renew(unit)
    } catch (error) {
      if (!(error instanceof StoreUnavailableError)) throw error
      // Degraded: no marks. What is left of the cascade is followed after COMMIT.
      if (this.#options.onStoreError === 'throw') throw error
    }
  }

  /** After COMMIT. 1 round trip; more queries only if a link moved meanwhile. Never rejects. */
  async finish(unit: UnitOfWork): Promise<void> {
    const startedMs = performance.now()
    const frame = unit.pending.collapse()
    if (frame.isEmpty) return
    await this.#follow(unit, frame, () => Promise.resolve())
    const sent = this.#sweepsOf(frame)
    const found = await this.#parts.sweeps.sweep(sent, unit.owner)
    const more = await this.#sweepWhatMoved(unit, frame, found, new Set(sent.map(({ key }) => key)))
    const delivered = found !== undefined && more
    if (!delivered && this.#options.onStoreError === 'throw') await this.#awaitDelivery()
    this.#report(frame, performance.now() - startedMs, delivered)
  }

  /** After a rollback: our marks go, the tokens under them stay. Never rejects. */
  async abandon(unit: UnitOfWork): Promise<void> {
    if (unit.marked.size === 0) return
    try {
      await this.#parts.sweeps.unmark([...unit.marked], unit.owner)
    } catch (error) {
      // A mark that stays behind ends by its deadline, which costs misses and nothing else.
      if (!(error instanceof StoreUnavailableError)) throw error
    }
  }

  async #follow(
    unit: UnitOfWork,
    frame: Frame,
    mark: (step: readonly ReachedRecord[]) => Promise<void>,
  ): Promise<void> {
    const open = [...frame.reached.values()].filter(({ key }) => !unit.followed.has(key))
    try {
      await followToTheTop(unit.runner, this.#parts.parents, frame, open, async (step) => {
        await mark(step)
        for (const record of step)
          if (!unit.followed.has(record.key))
            unit.followed.set(record.key, { record, seen: unit.seenAt.get(record.key) })
      })
    } catch (error) {
      if (error instanceof StoreUnavailableError) throw error
      if (unit.runner.isTransactionActive && endsTransaction(error)) throw error
      this.#giveUpNaming(frame, error)
    }
  }

  /** Rows that could not be read (an aborted transaction, a lost connection) are swept by type. */
  #giveUpNaming(frame: Frame, error: unknown): void {
    const types = new Set<EntityType>()
    for (const { type } of frame.changed.values()) types.add(type)
    for (const { type } of frame.reached.values()) types.add(type)
    for (const type of types) {
      frame.addType(type, 'with-ancestors')
      this.#parts.events.emit('type-sweep', () => ({
        type: type.name,
        reason: `its rows could not be read: ${error instanceof Error ? error.name : 'unknown error'}`,
      }))
    }
  }

  async #mark(unit: UnitOfWork, keys: readonly string[]): Promise<void> {
    const { markDeadlineMs } = this.#options
    const missing = keys.filter((key) => !unit.marked.has(key))
    if (markDeadlineMs === undefined || missing.length === 0) return
    // Noted first: a mark whose acknowledgement is lost may stand all the same.
    for (const key of missing) unit.marked.add(key)
    unit.markedAtMs ??= performance.now()
    const found = await this.#parts.sweeps.mark(missing, unit.owner, markDeadlineMs)
    for (const [key, state] of found) unit.seenAt.set(key, state)
  }

  /** A mark must outlive COMMIT: one that is older than half its deadline is set anew (consistency H8c). */
  async #renew(unit: UnitOfWork): Promise<void> {
    const { markDeadlineMs } = this.#options
    if (markDeadlineMs === undefined || unit.markedAtMs === undefined) return
    if (performance.now() - unit.markedAtMs < markDeadlineMs / 2) return
    unit.markedAtMs = performance.now()
    await this.#parts.sweeps.mark([...unit.marked], unit.owner, markDeadlineMs)
  }

  /**
   * A record on our way up whose row was written since we read its link may belong to someone else by now:
   * its links are read again and what they lead to is swept too. After our COMMIT once is enough,
   * whoever moves it later sweeps both its old and its new parent after us.
   */
  async #sweepWhatMoved(
    unit: UnitOfWork,
    frame: Frame,
    found: Found | undefined,
    swept: ReadonlySet<string>,
  ): Promise<boolean> {
    const moved = [...unit.followed.values()].filter(
      ({ record, seen }) =>
        this.#parts.graph.linksFrom(record.type).length > 0 &&
        unit.marked.has(record.key) &&
        (unit.readsOldSnapshot || hasMoved(seen?.row, found?.get(record.key)?.row)),
    )
    if (moved.length === 0) return true
    const extra = new Frame()
    try {
      const start = moved.map(({ record }) => record)
      await followToTheTop(unit.runner, this.#parts.parents, extra, start, () => Promise.resolve())
    } catch (error) {
      for (const { record } of moved) extra.addReached(record)
      this.#giveUpNaming(extra, error)
    }
    const more = this.#sweepsOf(extra).filter(({ key }) => !swept.has(key))
    frame.merge(extra)
    return (await this.#parts.sweeps.sweep(more, undefined)) !== undefined
  }

  async #awaitDelivery(): Promise<void> {
    const { sweeps, events } = this.#parts
    if (await sweeps.deliverWithin(this.#options.deliveryMs)) return
    events.emit('sweep-pending', () => ({ keys: sweeps.pending }))
  }

  #keysOf(frame: Frame): readonly string[] {
    return this.#sweepsOf(frame).map(({ key }) => key)
  }

  #keysOfReached(records: readonly ReachedRecord[]): readonly string[] {
    const keys = new Set<string>()
    for (const { key, type } of records)
      keys.add(key).add(this.#parts.keyspace.collection(type.key))
    return [...keys]
  }

  /** Every token that a frame moves, once; the row half only of what was itself written. */
  #sweepsOf(frame: Frame): readonly TokenSweep[] {
    const { keyspace, graph } = this.#parts
    const rows = new Map<string, boolean>()
    const add = (key: string, row: boolean): unknown =>
      rows.set(key, row || (rows.get(key) ?? false))
    for (const { key, type, row } of frame.changed.values()) {
      add(key, row)
      add(keyspace.collection(type.key), row)
    }
    for (const { key, type } of frame.reached.values()) {
      add(key, false)
      add(keyspace.collection(type.key), false)
    }
    for (const list of frame.lists) add(list, true)
    for (const [type, scope] of frame.types) {
      const types = scope === 'own' ? [type] : graph.ancestorTypes([type])
      for (const { key } of types) add(keyspace.type(key), true)
    }
    return [...rows].map(([key, row]) => ({ key, row }))
  }

  #report(frame: Frame, durationMs: number, delivered: boolean): void {
    this.#parts.events.emit('sweep', () => {
      const changed = [...frame.changed.values()]
      const reached = [...frame.reached.values()]
      return {
        records: [...new Set([...changed, ...reached].map((record) => labelOf(record)))],
        types: [...frame.types.keys()].map(({ name }) => name),
        causes: [
          ...changed.map((record) => ({
            record: labelOf(record),
            operation: record.operation,
            path: [],
          })),
          ...reached.map(({ cause, ...record }) => ({ ...cause, record: labelOf(record) })),
        ],
        durationMs,
        delivered,
      }
    })
  }
}

/** No token before and an empty mark after is the same state: nobody has written the row meanwhile. */
function hasMoved(seen: string | undefined, now: string | undefined): boolean {
  return now === undefined || (seen ?? '') !== now
}
