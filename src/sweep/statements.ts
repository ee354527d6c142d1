import type { QueryRunner } from 'typeorm'
import { currentBulk } from './bulk'
import { typesUpdatedAlong } from './changed-along'
import type { Closing } from './closing'
import { announcedBy, collectAnnounced, isAnnounced } from './collect-announced'
import { collectDelete } from './collect-delete'
import { collectInsert } from './collect-insert'
import { collectJunction } from './collect-junction'
import { collectUpdate } from './collect-update'
import {
  noteWholeType,
  type AfterStatement,
  type CollectingParts,
  type Watched,
} from './collecting'
import { endsTransaction, isServerRefusal, unreadable } from './database-answer'
import { Frame } from './frame'
import { expectStatement } from './own-statements'
import { withTransaction } from './own-transaction'
import type { UnitOfWork } from './unit-of-work'
import { noteUnnamed, typesWrittenBy } from './unnamed'
import type { Units } from './units'
import type { WriteResult, WriteStatement } from './write-statement'

/**
 * Watches single statements of TypeORM's write query builders: what `save()`, `update()`, `delete()` and all
 * others come down to.
 */
export class Statements {
  readonly #parts: CollectingParts
  readonly #units: Units
  readonly #closing: Closing

  constructor(parts: CollectingParts, units: Units, closing: Closing) {
    this.#parts = parts
    this.#units = units
    this.#closing = closing
  }

  /** Runs a statement, and sees to it that what it changes is swept when it is committed. Its result is the caller's. */
  async run<R extends WriteResult>(
    statement: WriteStatement,
    newRunner: () => QueryRunner,
    execute: () => Promise<R>,
  ): Promise<R> {
    const own = statement.runner === undefined
    const runner = statement.runner ?? newRunner()
    try {
      if (this.#needsTransaction(statement, runner))
        return await withTransaction(runner, () => this.#watch(statement, runner, execute))
      return await this.#watch(statement, runner, execute)
    } finally {
      if (own) await runner.release()
    }
  }

  #needsTransaction(statement: WriteStatement, runner: QueryRunner): boolean {
    if (statement.wantsTransaction) return !runner.isTransactionActive
    if (!this.#units.needsTransaction(runner) || currentBulk() !== undefined) return false
    return typesWrittenBy(this.#parts.graph, statement).length > 0
  }

  #watch<R extends WriteResult>(
    statement: WriteStatement,
    runner: QueryRunner,
    execute: () => Promise<R>,
  ): Promise<R> {
    return statement.on(runner, () => {
      const unit = this.#units.of(runner)
      const run = (): Promise<R> => expectStatement(statement, execute)
      const bulk = currentBulk()
      if (bulk !== undefined) {
        const types = typesWrittenBy(this.#parts.graph, statement)
        bulk.note(types, this.#parts.keyspace.tenant)
        unit?.postpone(bulk, types)
        return bulk.count(statement, run)
      }
      return this.#now(statement, runner, run)
    })
  }

  /** In whatever transaction is open on the runner now, if any. */
  #now<R extends WriteResult>(
    statement: WriteStatement,
    runner: QueryRunner,
    run: () => Promise<R>,
  ): Promise<R> {
    const unit = this.#units.of(runner)
    return unit === undefined
      ? this.#alone(statement, runner, run)
      : this.#within(unit, statement, run)
  }

  /** In a transaction: what was noted counts if the statement succeeds, and is swept with the transaction's commit. */
  async #within<R extends WriteResult>(
    unit: UnitOfWork,
    statement: WriteStatement,
    run: () => Promise<R>,
  ): Promise<R> {
    const frame = new Frame()
    const { after, running } = await unit.inTurn(async () => {
      const then = await this.#before(unit, statement, frame, true)
      this.#closing.marking.markEarly(unit, frame)
      return { after: then, running: unit.end === undefined ? run() : undefined }
    })
    // The caller has ended the transaction without waiting for this statement.
    if (running === undefined) return this.#now(statement, unit.runner, run)
    const result = await running
    if (unit.mayBeEnded) {
      this.#giveUp(statement, frame, 'the database may have ended the transaction before it')
      // At once: a rollback may be answered while we look.
      if (unit.end === undefined) unit.pending.top.merge(frame)
    }
    await unit.look(() => this.#after(statement, frame, () => after(result), endsTransaction))
    if (unit.end === undefined) unit.pending.top.merge(frame)
    // A rollback does not concern what ran after the database had ended the transaction by itself.
    else if (unit.end === 'committed' || unit.mayBeEnded) await this.#late(unit, frame)
    return result
  }

  /** The caller did not wait for this statement before the transaction was over. */
  async #late({ runner, tenant }: UnitOfWork, frame: Frame): Promise<void> {
    const unit = this.#units.single(runner)
    unit.tenant = tenant
    unit.end = 'committed'
    unit.pending.top.merge(frame)
    await this.#closing.finish(unit)
  }

  /** Outside a transaction: rows first, mark, statement, sweep of what was there and what is there now. */
  async #alone<R extends WriteResult>(
    statement: WriteStatement,
    runner: QueryRunner,
    run: () => Promise<R>,
  ): Promise<R> {
    const unit = this.#units.single(runner)
    const frame = unit.pending.top
    const after = await this.#before(unit, statement, frame, false)
    await this.#prepare(unit)
    let result: R
    try {
      result = await run()
    } catch (error) {
      // Refused: nothing happened. Anything else, and it may have been committed all the same.
      unit.isInDoubt = !isServerRefusal(error)
      await (unit.isInDoubt ? this.#closing.finish(unit) : this.#closing.abandon(unit))
      throw error
    }
    await this.#after(statement, frame, () => after(result))
    await this.#closing.finish(unit)
    return result
  }

  /** Marks; where that must not fail and does, the statement is refused, and what was marked is cleared. */
  async #prepare(unit: UnitOfWork): Promise<void> {
    try {
      await this.#closing.prepare(unit)
    } catch (error) {
      await this.#closing.abandon(unit)
      throw error
    }
  }

  async #before(
    unit: UnitOfWork,
    statement: WriteStatement,
    frame: Frame,
    inTransaction: boolean,
  ): Promise<AfterStatement> {
    const { runner } = unit
    const { graph } = this.#parts
    if (!noteUnnamed(this.#parts, unit, statement, frame)) return nothing
    try {
      const junction = graph.junctionOf(statement.metadata)
      if (junction !== undefined)
        return await collectJunction(
          this.#parts,
          { statement, runner, frame, inTransaction },
          junction,
        )
      const type = graph.typeOf(statement.metadata)
      if (type === undefined) return nothing
      const watched: Watched = { statement, type, runner, frame, inTransaction }
      if (statement.kind === 'insert') return await collectInsert(this.#parts, watched)
      if (statement.kind === 'delete') return await collectDelete(this.#parts, watched)
      for (const other of typesUpdatedAlong(graph, type, (column) => statement.sets(column)))
        noteWholeType(this.#parts, frame, other, `ON UPDATE of ${type.name}`)
      if (!isAnnounced(this.#parts, unit, watched)) return await collectUpdate(this.#parts, watched)
      await collectAnnounced(this.#parts, unit, watched)
      // Where there are parents, their marks have to wait for the statement.
      if (graph.linksFrom(type).length === 0)
        this.#closing.marking.markEarly(unit, announcedBy(this.#parts, watched))
      return nothing
    } catch (error) {
      if (inTransaction && endsTransaction(error)) throw error
      this.#giveUp(statement, frame, unreadable(error))
      statement.returnNothingMore()
      return nothing
    }
  }

  async #after(
    statement: WriteStatement,
    frame: Frame,
    after: () => Promise<void>,
    isTheirs: (error: unknown) => boolean = () => false,
  ): Promise<void> {
    try {
      await after()
    } catch (error) {
      if (isTheirs(error)) throw error
      this.#giveUp(statement, frame, unreadable(error))
    }
  }

  /** A look at the rows failed: their type is swept, and the user's statement goes on to meet its own error, if any. */
  #giveUp(statement: WriteStatement, frame: Frame, reason: string): void {
    for (const type of typesWrittenBy(this.#parts.graph, statement))
      noteWholeType(this.#parts, frame, type, reason)
  }
}

const nothing: AfterStatement = () => Promise.resolve()
