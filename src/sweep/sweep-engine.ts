import type { EntityMetadata, QueryRunner } from 'typeorm'
import { AsyncContext } from '../core/async-context'
import type { InstanceOrigins } from '../core/instance-origins'
import type { Tenants } from '../core/tenants'
import type { EntityGraph } from '../model/entity-graph'
import type { Bulk } from './bulk'
import { currentBulk, inBulk } from './bulk'
import type { Closing } from './closing'
import type { CollectingParts } from './collecting'
import {
  endsTransaction,
  isServerRefusal,
  mayUndoTransaction,
  undoesTransaction,
} from './database-answer'
import type { Operation } from './frame'
import { isUnseen } from './own-statements'
import { withTransaction } from './own-transaction'
import type { QueryClock } from './query-clock'
import type { QueryOutcome, RawStatements } from './raw-statements'
import type { Stages } from './stages'
import type { Statements } from './statements'
import type { UnitOfWork } from './unit-of-work'
import { isOutermost, type Units } from './units'
import type { WriteResult, WriteStatement } from './write-statement'

/** What is made of a DataSource's metadata, anew whenever it is initialized. */
export interface SweepMachinery {
  readonly graph: EntityGraph
  readonly parts: CollectingParts
  readonly units: Units
  readonly closing: Closing
  readonly statements: Statements
  readonly stages: Stages
  readonly raw: RawStatements
  readonly clock: QueryClock
}

/** The part of TypeORM's row events that is read. */
export interface RowEvent {
  readonly metadata: EntityMetadata
  readonly entity?: object | undefined
  readonly databaseEntity?: object | undefined
  readonly queryRunner: QueryRunner
  readonly updatedColumns?: readonly unknown[]
  readonly updatedRelations?: readonly unknown[]
}

/** Transactions whose reads come from a snapshot taken when they began. */
const OLD_SNAPSHOT =
  /^\s*(?:SET|BEGIN|START)\b[^;]*\bISOLATION\s+LEVEL\s+(?:REPEATABLE|SERIALIZABLE|SNAPSHOT)/i

/**
 * Hears what the subscriber, the watched query builders and query runners tell of one DataSource, and passes it to where it belongs.
 */
export class SweepEngine {
  readonly #machinery: () => SweepMachinery | undefined
  readonly #origins: InstanceOrigins
  readonly #tenants: Tenants
  readonly #onFault: (error: unknown) => Promise<void>
  readonly #within = new AsyncContext<QueryRunner>()

  /**
   * @param machinery undefined while the metadata is not there, or wrong (then initialize() says so)
   * @param onFault is told of errors of our own; it makes sure that nothing stays unswept for them
   */
  constructor(
    machinery: () => SweepMachinery | undefined,
    origins: InstanceOrigins,
    tenants: Tenants,
    onFault: (error: unknown) => Promise<void>,
  ) {
    this.#machinery = machinery
    this.#origins = origins
    this.#tenants = tenants
    this.#onFault = onFault
  }

  /** Runs what is to happen in the transaction of this runner. */
  within<T>(runner: QueryRunner, work: () => Promise<T>): Promise<T> {
    return this.#within.runToEnd(runner, work)
  }

  /** The runner in whose transaction this code runs, or was begun; undefined for none that is known. */
  get around(): QueryRunner | undefined {
    return this.#within.current
  }

  loaded(instance: object, runner: QueryRunner): void {
    const clock = this.#machinery()?.clock
    if (clock !== undefined) this.#origins.note(instance, clock.loadedAt(runner), runner)
  }

  saved(instance: object | undefined, runner: QueryRunner): void {
    if (instance !== undefined) this.#origins.forget(instance, runner)
  }

  /** Runs any statement of a query runner, watched. */
  async query<R>(runner: QueryRunner, sql: string, run: () => Promise<R>): Promise<R> {
    const machinery = this.#machinery()
    if (machinery === undefined || isUnseen(sql)) return run()
    const { clock, units, raw } = machinery
    if (raw.needsTransaction(runner, sql))
      return withTransaction(runner, () => this.query(runner, sql, run))
    clock.started(runner)
    if (OLD_SNAPSHOT.test(sql)) units.willReadOldSnapshot(runner)
    const noted = raw.before(runner, sql)
    // What only reads is sent in the turn it was asked for in.
    if (noted !== undefined)
      await this.#guarded(
        () => noted.noting,
        (error) => isRefusal(noted.unit, error),
      )
    const settle = (outcome: QueryOutcome): Promise<void> | undefined => {
      clock.ended(runner)
      return noted && this.#guarded(() => raw.after(noted, outcome))
    }
    let result: R
    try {
      result = await run()
    } catch (error) {
      this.#failed(units.of(runner), sql, error)
      await settle({ success: false, error })
      throw error
    }
    await settle({ success: true })
    return result
  }

  /** PostgreSQL answers ROLLBACK to the COMMIT of a transaction that had failed (typeorm facts T17). */
  answered(runner: QueryRunner, sql: string, rawResults: unknown): void {
    const unit = this.#machinery()?.units.of(runner)
    const isCommit = unit?.committing === true && sql === 'COMMIT'
    if (isCommit && commandOf(rawResults) === 'ROLLBACK') unit.answer = 'rolled-back'
  }

  /** Before a row of `save()`, `softRemove()` or `recover()` is written. */
  beforeRow(event: RowEvent, operation: Operation): Promise<void> | undefined {
    return this.#row(event, ({ stages, units }, databaseEntity) => {
      const unit = this.#named(units.of(event.queryRunner))
      return unit && stages.before(unit, this.#stageRow(event, databaseEntity, operation))
    })
  }

  afterRow(event: RowEvent, operation: Operation): Promise<void> | undefined {
    this.saved(event.entity, event.queryRunner)
    return this.#row(event, ({ stages, units }, databaseEntity) => {
      const unit = this.#named(units.of(event.queryRunner))
      return unit && stages.after(unit, this.#stageRow(event, databaseEntity, operation))
    })
  }

  transactionStarted(runner: QueryRunner): void {
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
    await this.#guarded(
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
    await this.#guarded(() =>
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
    await this.#guarded(() => machinery.closing.finish(unit))
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
    await this.#guarded(() =>
      isUndone ? machinery.closing.abandon(unit) : machinery.closing.finish(unit),
    )
  }

  /** Runs a statement of a query builder, watched. */
  statement<R extends WriteResult>(
    statement: WriteStatement,
    newRunner: () => QueryRunner,
    execute: () => Promise<R>,
  ): Promise<R> {
    const machinery = this.#machinery()
    if (machinery === undefined) return execute()
    return this.#tenants.now(() => machinery.statements.run(statement, newRunner, execute))
  }

  /** Runs work whose writes are noted by type alone. */
  bulk<T>(bulk: Bulk, work: () => Promise<T>): Promise<T> {
    return inBulk(bulk, work)
  }

  #failed(unit: UnitOfWork | undefined, sql: string, error: unknown): void {
    if (unit === undefined) return
    if (unit.committing && sql === 'COMMIT')
      unit.answer = isServerRefusal(error) ? 'refused' : 'lost'
    if (!mayUndoTransaction(error)) return
    unit.mayBeEnded = true
    if (undoesTransaction(error)) unit.pending.empty()
  }

  #row(
    { databaseEntity }: RowEvent,
    work: (machinery: SweepMachinery, databaseEntity: object) => Promise<void> | undefined,
  ): Promise<void> | undefined {
    // Without it the event is of a bulk statement, whose rows its query builder tells of.
    if (databaseEntity === undefined || currentBulk() !== undefined) return undefined
    const machinery = this.#machinery()
    const working = machinery && this.#tenants.now(() => work(machinery, databaseEntity))
    return working && this.#guarded(() => working, endsTransaction)
  }

  /** Undefined where its rows have no names: their statements are swept by type. */
  #named(unit: UnitOfWork | undefined): UnitOfWork | undefined {
    return unit?.names(this.#tenants.current) === true ? unit : undefined
  }

  #stageRow(event: RowEvent, databaseEntity: object, operation: Operation) {
    const { metadata, updatedColumns = [], updatedRelations = [] } = event
    return {
      metadata,
      databaseEntity,
      operation,
      moves: updatedRelations.length > 0 || updatedColumns.some((column) => isForeignKey(column)),
    }
  }

  /** @param isTheirs errors that the caller has to meet */
  async #guarded(
    work: () => Promise<void>,
    isTheirs: (error: unknown) => boolean = () => false,
  ): Promise<void> {
    try {
      await work()
    } catch (error) {
      if (isTheirs(error)) throw error
      await this.#onFault(error)
    }
  }
}

/** Its sweep could not be recorded: COMMIT must not be sent, whatever the error. */
function isRefusal(unit: UnitOfWork | undefined, error: unknown): boolean {
  return unit?.refusal !== undefined && unit.refusal === error
}

function isForeignKey(column: unknown): boolean {
  return (
    typeof column === 'object' &&
    column !== null &&
    'relationMetadata' in column &&
    column.relationMetadata !== undefined
  )
}

function commandOf(rawResults: unknown): unknown {
  return typeof rawResults === 'object' && rawResults !== null && 'command' in rawResults
    ? rawResults.command
    : undefined
}
