import type { QueryRunner } from 'typeorm'
import type { Events } from '../core/events'
import type { Keyspace } from '../core/keyspace'
import type { SweeperEvents } from '../core/sweeper-events'
import { StoreUnavailableError } from '../core/errors'
import { firstTrue } from '../core/first-true'
import type { EntityGraph } from '../model/entity-graph'
import type { EntityType } from '../model/entity-type'
import type { TokenSweep } from '../store/store'
import { ownersOf } from '../store/token'
import type { Found, Sweeps } from '../version/sweeps'
import { followToTheTop } from './cascade'
import { endsTransaction } from './database-answer'
import { type ChangedRecord, Frame, type ReachedRecord } from './frame'
import { type Done, FollowedLinks } from './followed-links'
import { keysOfReached, sweepsOf } from './frame-sweeps'
import { sweepEventOf } from './sweep-event-of'
import type { MoveLog } from './move-log'
import { movesOf } from './moves'
import type { Parents } from './parents'
import type { Recorder } from './recorder'
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
  /** Undefined: nobody asks later why something was swept. */
  readonly moves: MoveLog | undefined
  /** Is told what was written and swept, while the writer still has its connection. Never rejects. */
  written(records: readonly ChangedRecord[], runner: QueryRunner): Promise<void>
  /** Durable sweeps; undefined without an outbox. */
  readonly recorder: Recorder | undefined
}

/**
 * The end of a unit of work: follow what was changed to everything it belongs to, mark all of it
 * just before COMMIT, replace the tokens after it, and make sure that the cascade was still true by then.
 */
export class Closing {
  readonly #parts: ClosingParts
  readonly #options: ClosingOptions
  readonly #links: FollowedLinks

  constructor(parts: ClosingParts, options: ClosingOptions) {
    this.#parts = parts
    this.#options = options
    this.#links = new FollowedLinks(parts)
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
    if (frame.isEmpty) return
    if (this.#options.markDeadlineMs !== undefined) await this.#markAll(unit, frame)
    if (!unit.isAlone) await this.#parts.recorder?.record(unit, frame)
  }

  async #markAll(unit: UnitOfWork, frame: Frame): Promise<void> {
    try {
      await Promise.all([
        this.#mark(unit, keysOf(sweepsOf(this.#parts, frame))),
        this.#links.watch(unit, frame.reached.values()),
      ])
      await this.#follow(unit, frame, async (step) => {
        await Promise.all([
          this.#mark(unit, keysOfReached(this.#parts.keyspace, step)),
          this.#links.watch(unit, step),
        ])
      })
      await this.#renew(unit)
    } catch (error) {
      if (!(error instanceof StoreUnavailableError)) throw error
      // Degraded: no marks. What is left of the cascade is followed after COMMIT.
      if (this.#options.onStoreError === 'throw') throw error
    }
  }

  /** After COMMIT. 1 round trip; more queries only if a link moved meanwhile, or for what is written through. Never rejects. */
  async finish(unit: UnitOfWork): Promise<void> {
    const startedMs = performance.now()
    const frame = unit.pending.collapse()
    if (frame.isEmpty) return
    const { recorder } = this.#parts
    if (unit.recorded.length === 0) await recorder?.recordLate(unit, frame)
    await this.#follow(unit, frame, () => Promise.resolve())
    const sent = sweepsOf(this.#parts, frame)
    const [found, types] = await Promise.all([
      this.#parts.sweeps.sweep(sent, unit.owner),
      this.#links.typesNow(unit),
    ])
    await this.#markForOthers(unit, frame, found)
    const more = await this.#sweepWhatMoved(unit, { frame, found, types }, new Set(keysOf(sent)))
    const delivered = found !== undefined && more
    if (delivered) recorder?.delivered(unit)
    else if (this.#options.onStoreError === 'throw') await this.#awaitDelivery(unit)
    const durationMs = performance.now() - startedMs
    this.#parts.events.emit('sweep', () => sweepEventOf(frame, { durationMs, delivered }))
    this.#parts.moves?.note(movesOf(this.#parts, frame), delivered)
    const written = [...frame.changed.values()].filter(({ operation }) => operation !== 'manual')
    if (delivered && written.length > 0 && !unit.runner.isTransactionActive)
      await this.#parts.written(written, unit.runner)
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
        for (const record of step) unit.followed.set(record.key, record)
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
    const ageMs = performance.now() - unit.markedAtMs
    if (ageMs < markDeadlineMs / 2) return
    // It has ended, and with it the traces that others left under it.
    if (ageMs >= markDeadlineMs) unit.readsOldSnapshot = true
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
    done: Done,
    swept: ReadonlySet<string>,
  ): Promise<boolean> {
    const { frame } = done
    const moved = this.#links.thatMayHaveMoved(unit, done)
    if (moved.length === 0) return true
    const extra = new Frame()
    try {
      await followToTheTop(unit.runner, this.#parts.parents, extra, moved, () => Promise.resolve())
    } catch (error) {
      for (const record of moved) extra.addReached(record)
      this.#giveUpNaming(extra, error)
    }
    const more = sweepsOf(this.#parts, extra).filter(({ key }) => !swept.has(key))
    frame.merge(extra)
    // With our name: whoever moved it may have left a mark for us there.
    return (await this.#parts.sweeps.sweep(more, unit.owner)) !== undefined
  }

  /**
   * Others whose marks stand on a record that we have moved may have read its link before. They see our trace and sweep
   * its new parents too, unless they die first: so its parents bear their marks from here on (consistency H11b).
   * No round trip unless a link was moved under others' marks; then one for each of them.
   */
  async #markForOthers(unit: UnitOfWork, frame: Frame, found: Found | undefined): Promise<void> {
    const { graph, keyspace, sweeps } = this.#parts
    const { markDeadlineMs } = this.#options
    if (markDeadlineMs === undefined || found === undefined || !frame.movesLinks) return
    const owners = new Set<string>()
    for (const { key, type } of frame.changed.values())
      if (graph.linksFrom(type).length > 0)
        for (const owner of ownersOf(found.get(key))) owners.add(owner)
    owners.delete(unit.owner)
    const keys = keysOfReached(keyspace, frame.reached.values())
    try {
      for (const owner of owners) await sweeps.mark(keys, owner, markDeadlineMs)
    } catch (error) {
      // Without these marks the others have only their own lives to rely on.
      if (!(error instanceof StoreUnavailableError)) throw error
    }
  }

  /** By this process, or with an outbox by anybody. */
  async #awaitDelivery(unit: UnitOfWork): Promise<void> {
    const { sweeps, events, recorder } = this.#parts
    const { deliveryMs } = this.#options
    const byOthers = recorder?.deliveredWithin(unit, deliveryMs) ?? Promise.resolve(false)
    if (await firstTrue([sweeps.deliverWithin(deliveryMs), byOthers])) return
    events.emit('sweep-pending', () => ({ keys: sweeps.pending }))
  }
}

function keysOf(sweeps: readonly TokenSweep[]): readonly string[] {
  return sweeps.map(({ key }) => key)
}
