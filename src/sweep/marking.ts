import { StoreUnavailableError } from '../core/errors'
import type { Keyspace } from '../core/keyspace'
import type { EntityGraph } from '../model/entity-graph'
import { ownersOf } from '../store/token'
import type { Found, Sweeps } from '../version/sweeps'
import type { FollowedLinks } from './followed-links'
import { keysOf, keysOfReached, sweepsOf } from './frame-sweeps'
import type { Frame, ReachedRecord } from './frame'
import type { UnitOfWork } from './unit-of-work'

/** Statements of a `save()` that send marks of their own; those of larger ones go together. */
const MAX_EARLY = 4

export interface MarkingParts {
  readonly graph: EntityGraph
  readonly keyspace: Keyspace
  readonly sweeps: Sweeps
  readonly links: FollowedLinks
}

/**
 * The marks of units of work: they stand on all that will be swept from before COMMIT until it is, so that nobody
 * serves or stores what may be over already.
 */
export class Marking {
  readonly #parts: MarkingParts
  readonly #deadlineMs: number | undefined

  /** @param deadlineMs on the store's clock; undefined: no marks */
  constructor(parts: MarkingParts, deadlineMs: number | undefined) {
    this.#parts = parts
    this.#deadlineMs = deadlineMs
  }

  get isOn(): boolean {
    return this.#deadlineMs !== undefined
  }

  /**
   * While a statement of a single `save()` runs: marks what is known by then, so that less is left to do before COMMIT.
   * What it meets is met by `prepare`.
   */
  markEarly(unit: UnitOfWork, frame: Frame): void {
    if (!unit.isSave || this.#deadlineMs === undefined || frame.isEmpty) return
    if (unit.early.length === MAX_EARLY) return
    const marking = this.markBeside(unit, frame)
    marking.catch(() => undefined)
    unit.early.push(marking)
  }

  /** `markKnown`, behind the statement that is about to be sent: the database works while the marks are written. */
  async markBeside(unit: UnitOfWork, frame: Frame): Promise<void> {
    // Promises come first: a statement is sent by them alone.
    await new Promise<void>((resolve) => {
      process.nextTick(resolve)
    })
    await this.markKnown(unit, frame)
  }

  /** 1 round trip. Rejects as the store does. */
  async markKnown(unit: UnitOfWork, frame: Frame): Promise<void> {
    await Promise.all([
      this.#mark(unit, keysOf(sweepsOf(this.#parts, frame))),
      this.#parts.links.watch(unit, frame.reached.values()),
    ])
  }

  /** Records that the cascade has come to, before their own links are read. 1 round trip; rejects as the store does. */
  async markStep(unit: UnitOfWork, step: readonly ReachedRecord[]): Promise<void> {
    await Promise.all([
      this.#mark(unit, keysOfReached(this.#parts.keyspace, step)),
      this.#parts.links.watch(unit, step),
    ])
  }

  async #mark(unit: UnitOfWork, keys: readonly string[]): Promise<void> {
    const missing = keys.filter((key) => !unit.marked.has(key))
    if (this.#deadlineMs === undefined || missing.length === 0) return
    // Noted first: a mark whose acknowledgement is lost may stand all the same.
    for (const key of missing) unit.marked.add(key)
    unit.markedAtMs ??= performance.now()
    const found = await this.#parts.sweeps.mark(missing, unit.owner, this.#deadlineMs)
    for (const [key, state] of found) unit.seenAt.set(key, state)
  }

  /** A mark must outlive COMMIT: one that is older than half its deadline is set anew (consistency H8c). */
  async renew(unit: UnitOfWork): Promise<void> {
    if (this.#deadlineMs === undefined || unit.markedAtMs === undefined) return
    const ageMs = performance.now() - unit.markedAtMs
    if (ageMs < this.#deadlineMs / 2) return
    // It has ended, and with it the traces that others left under it.
    if (ageMs >= this.#deadlineMs) unit.readsOldSnapshot = true
    unit.markedAtMs = performance.now()
    await this.#parts.sweeps.mark([...unit.marked], unit.owner, this.#deadlineMs)
  }

  /**
   * Others whose marks stand on a record that we have moved may have read its link before. They see our trace and sweep
   * its new parents too, unless they die first: so its parents bear their marks from here on (consistency H11b).
   * No round trip unless a link was moved under others' marks; then one for each of them.
   */
  async markForOthers(unit: UnitOfWork, frame: Frame, found: Found | undefined): Promise<void> {
    const { graph, keyspace, sweeps } = this.#parts
    if (this.#deadlineMs === undefined || found === undefined || !frame.movesLinks) return
    const owners = new Set<string>()
    for (const { key, type } of frame.changed.values())
      if (graph.linksFrom(type).length > 0)
        for (const owner of ownersOf(found.get(key))) owners.add(owner)
    owners.delete(unit.owner)
    const keys = keysOfReached(keyspace, frame.reached.values())
    try {
      for (const owner of owners) await sweeps.mark(keys, owner, this.#deadlineMs)
    } catch (error) {
      // Without these marks the others have only their own lives to rely on.
      if (!(error instanceof StoreUnavailableError)) throw error
    }
  }

  /** Takes back marks that no sweep has taken: of a rollback, and of rows that a `save()` did not write after all. */
  async takeBack(unit: UnitOfWork, swept: ReadonlySet<string>): Promise<void> {
    await Promise.allSettled(unit.early)
    const left = [...unit.marked].filter((key) => !swept.has(key))
    if (left.length === 0) return
    try {
      await this.#parts.sweeps.unmark(left, unit.owner)
    } catch (error) {
      // A mark that stays behind ends by its deadline, which costs misses and nothing else.
      if (!(error instanceof StoreUnavailableError)) throw error
    }
  }
}
