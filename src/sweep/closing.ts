import type { QueryRunner } from 'typeorm'
import type { Events } from '../core/events'
import type { Keyspace } from '../core/keyspace'
import type { SweeperEvents } from '../core/sweeper-events'
import { StoreUnavailableError } from '../core/errors'
import { firstTrue } from '../core/first-true'
import type { Tenants } from '../core/tenants'
import type { EntityGraph } from '../model/entity-graph'
import type { Sweeps } from '../version/sweeps'
import { followToTheTop } from './cascade'
import { endsTransaction, unreadable } from './database-answer'
import { type ChangedRecord, Frame, type ReachedRecord } from './frame'
import { type Done, FollowedLinks } from './followed-links'
import { keysOf, sweepsOf } from './frame-sweeps'
import { Marking } from './marking'
import { sweepEventOf } from './sweep-event-of'
import type { MoveLog } from './move-log'
import { movesOf } from './moves'
import type { Parents } from './parents'
import type { Recorder } from './recorder'
import type { UnitOfWork } from './unit-of-work'
import { giveUpNaming, OTHER_PATH } from './unnamed'

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
  readonly tenants: Tenants
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
  readonly marking: Marking
  readonly #links: FollowedLinks

  constructor(parts: ClosingParts, options: ClosingOptions) {
    this.#parts = parts
    this.#options = options
    this.#links = new FollowedLinks(parts)
    this.marking = new Marking({ ...parts, links: this.#links }, options.markDeadlineMs)
  }

  /**
   * Before COMMIT, or before a statement that commits by itself. With marks: one round trip per step of the
   * cascade, one less where those of a `save()` have travelled with its statement; one query per step and type. A record is marked *before* its link is read: whoever moves it
   * later leaves a trace under our mark, which `finish` sees (consistency H11).
   *
   * Rejects under `onStoreError: 'throw'`, with SWEEPER_STORE_UNAVAILABLE; and where a read has met what ended the
   * transaction (a deadlock): COMMIT would answer as if nothing was lost.
   */
  async prepare(unit: UnitOfWork): Promise<void> {
    const frame = unit.pending.collapse()
    if (frame.isEmpty) return
    await this.#parts.tenants.in(unit.tenant ?? null, async () => {
      if (this.marking.isOn) await this.#markAll(unit, frame)
      // Its rows can be read for as long as its `SET LOCAL search_path` holds.
      else if (this.#parts.tenants.areKept) await this.#follow(unit, frame)
      if (!unit.isAlone) await this.#parts.recorder?.record(unit, frame)
    })
  }

  async #markAll(unit: UnitOfWork, frame: Frame): Promise<void> {
    try {
      await Promise.all(unit.early)
      const stands = new Set(unit.marked)
      const isUnderway = [...frame.reached.keys()].every((key) => stands.has(key))
      const marking = isUnderway
        ? this.marking.markBeside(unit, frame)
        : this.marking.markKnown(unit, frame)
      if (!isUnderway) await marking
      const following = this.#follow(unit, frame, (step) => this.marking.markStep(unit, step))
      // Both to their ends: COMMIT must not overtake a read. What ended the transaction goes before a store that failed.
      for (const outcome of await Promise.allSettled([following, marking]))
        if (outcome.status === 'rejected') throw outcome.reason
      await this.marking.renew(unit)
    } catch (error) {
      if (!(error instanceof StoreUnavailableError)) throw error
      // Degraded: no marks. What is left of the cascade is followed after COMMIT.
      if (this.#options.onStoreError === 'throw') throw error
    }
  }

  /** After COMMIT. 1 round trip; more queries only if a link moved meanwhile, or for what is written through. Never rejects. */
  async finish(unit: UnitOfWork): Promise<void> {
    const frame = unit.pending.collapse()
    if (frame.isEmpty) return this.abandon(unit)
    await this.#parts.tenants.in(unit.tenant ?? null, () => this.#finish(unit, frame))
  }

  async #finish(unit: UnitOfWork, frame: Frame): Promise<void> {
    const startedMs = performance.now()
    const { recorder } = this.#parts
    if (unit.recorded.length === 0) await recorder?.recordLate(unit, frame)
    await this.#follow(unit, frame)
    const sent = sweepsOf(this.#parts, frame)
    const [found, types] = await Promise.all([
      this.#parts.sweeps.sweep(sent, unit.owner),
      this.#links.typesNow(unit),
    ])
    await this.marking.markForOthers(unit, frame, found)
    const swept = new Set(keysOf(sent))
    const more = await this.#sweepWhatMoved(unit, { frame, found, types }, swept)
    await this.marking.takeBack(unit, swept)
    const delivered = found !== undefined && more
    if (delivered) recorder?.delivered(unit)
    else if (this.#options.onStoreError === 'throw') await this.#awaitDelivery(unit)
    const durationMs = performance.now() - startedMs
    this.#parts.events.emit('sweep', () =>
      sweepEventOf(this.#parts, frame, { durationMs, delivered }),
    )
    this.#parts.moves?.note(movesOf(this.#parts, frame), delivered)
    const written = [...frame.changed.values()].filter(({ operation }) => operation !== 'manual')
    if (delivered && written.length > 0 && unit.hasFreeConnection && this.#canRead(unit))
      await this.#parts.written(written, unit.runner)
  }

  /** After a rollback: our marks go, the tokens under them stay. Never rejects. */
  abandon(unit: UnitOfWork): Promise<void> {
    return this.marking.takeBack(unit, new Set())
  }

  async #follow(
    unit: UnitOfWork,
    frame: Frame,
    mark?: (step: readonly ReachedRecord[]) => Promise<void>,
  ): Promise<void> {
    const open = [...frame.reached.values()].filter(({ key }) => !unit.followed.has(key))
    if (open.length > 0 && !this.#canRead(unit))
      return giveUpNaming(this.#parts.events, frame, OTHER_PATH)
    try {
      await followToTheTop(unit.runner, this.#parts.parents, frame, open, async (step) => {
        await mark?.(step)
        for (const record of step) unit.followed.set(record.key, record)
      })
    } catch (error) {
      if (error instanceof StoreUnavailableError) throw error
      if (unit.runner.isTransactionActive && endsTransaction(error)) throw error
      giveUpNaming(this.#parts.events, frame, unreadable(error))
    }
  }

  /** With tenants a transaction's `SET LOCAL search_path` is gone with it: what is read after it may be of another tenant. */
  #canRead({ end }: UnitOfWork): boolean {
    return end === undefined || !this.#parts.tenants.areKept
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
    const { parents, events } = this.#parts
    const unread = this.#canRead(unit)
      ? await followToTheTop(unit.runner, parents, extra, moved).then(() => undefined, unreadable)
      : OTHER_PATH
    if (unread !== undefined) {
      for (const record of moved) extra.addReached(record)
      giveUpNaming(events, extra, unread)
    }
    const more = sweepsOf(this.#parts, extra).filter(({ key }) => !swept.has(key))
    frame.merge(extra)
    // With our name: whoever moved it may have left a mark for us there.
    return (await this.#parts.sweeps.sweep(more, unit.owner)) !== undefined
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
