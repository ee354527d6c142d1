import type { QueryRunner } from 'typeorm'
import { currentBulk } from './bulk'
import {
  endsTransaction,
  isServerRefusal,
  mayUndoTransaction,
  undoesTransaction,
} from './database-answer'
import { isRefusal, type HookGuard } from './hook-guard'
import type { SweepMachinery } from './sweep-machinery'
import type { UnitOfWork } from './unit-of-work'
import { isOutermost } from './units'

/** Follows transactions to their end: before COMMIT their sweeps are marked, after it sent, and after a rollback dropped. */
export class TransactionEvents {
  readonly #machinery: () => SweepMachinery | undefined
  readonly #guard: HookGuard

  constructor(machinery: () => SweepMachinery | undefined, guard: HookGuard) {
    this.#machinery = machinery
    this.#guard = guard
  }

  started(runner: QueryRunner): void {
    this.#machinery()?.units.started(runner)
  }

  /** Before COMMIT of the outermost transaction; a released savepoint needs nothing. */
  async beforeCommit(runner: QueryRunner): Promise<void> {
    const machinery = this.#machinery()
    const unit = machinery?.units.of(runner)
    if (machinery === undefined || unit === undefined) return
    await unit.looked()
    if (!isOutermost(runner)) return
    unit.takePostponed(currentBulk())
    await this.#guard.run(
      () => machinery.closing.prepare(unit),
      (error) => endsTransaction(error) || isRefusal(unit, error),
    )
    unit.committing = true
  }

  async afterCommit(runner: QueryRunner): Promise<void> {
    const machinery = this.#machinery()
    if (machinery === undefined) return
    if (runner.isTransactionActive) {
      machinery.units.of(runner)?.pending.release()
      return
    }
    const unit = machinery.units.end(runner)
    if (unit === undefined) return
    unit.end = unit.answer === 'rolled-back' ? 'rolled-back' : 'committed'
    await this.#guard.run(() =>
      unit.answer === 'rolled-back'
        ? machinery.closing.abandon(unit)
        : machinery.closing.finish(unit),
    )
  }

  /** A rollback that follows a COMMIT whose answer was lost: it may have been carried out (consistency H9). */
  async beforeRollback(runner: QueryRunner): Promise<void> {
    const machinery = this.#machinery()
    const unit = machinery?.units.of(runner)
    if (machinery === undefined || unit === undefined) return
    await unit.looked()
    if (!unit.committing || unit.answer !== 'lost') return
    machinery.units.end(runner)
    unit.end = 'committed'
    unit.isInDoubt = true
    await this.#guard.run(() => machinery.closing.finish(unit))
  }

  async afterRollback(runner: QueryRunner): Promise<void> {
    const machinery = this.#machinery()
    if (machinery === undefined) return
    if (runner.isTransactionActive) {
      machinery.units.of(runner)?.pending.drop()
      return
    }
    const unit = machinery.units.end(runner)
    if (unit === undefined) return
    const isUndone = !unit.mayBeEnded || !unit.hasWritten
    unit.end = isUndone ? 'rolled-back' : 'committed'
    await this.#guard.run(() =>
      isUndone ? machinery.closing.abandon(unit) : machinery.closing.finish(unit),
    )
  }

  /** PostgreSQL answers ROLLBACK to the COMMIT of a transaction that had failed (typeorm facts T17). */
  answered(runner: QueryRunner, sql: string, rawResults: unknown): void {
    const unit = this.#machinery()?.units.of(runner)
    const isCommit = unit?.committing === true && sql === 'COMMIT'
    if (isCommit && commandOf(rawResults) === 'ROLLBACK') unit.answer = 'rolled-back'
  }

  /** A statement of this transaction, or its COMMIT, failed. */
  failed(unit: UnitOfWork | undefined, sql: string, error: unknown): void {
    if (unit === undefined) return
    if (unit.committing && sql === 'COMMIT')
      unit.answer = isServerRefusal(error) ? 'refused' : 'lost'
    if (!mayUndoTransaction(error)) return
    unit.mayBeEnded = true
    if (undoesTransaction(error)) unit.pending.empty()
  }
}

function commandOf(rawResults: unknown): unknown {
  return typeof rawResults === 'object' && rawResults !== null && 'command' in rawResults
    ? rawResults.command
    : undefined
}
