import type { QueryRunner } from 'typeorm'
import { AsyncContext } from '../core/async-context'
import type { InstanceOrigins } from '../core/instance-origins'
import type { Tenants } from '../core/tenants'
import { HookGuard, isRefusal } from './hook-guard'
import { isUnseen } from './own-statements'
import { withTransaction } from './own-transaction'
import type { QueryOutcome } from './raw-statements'
import { RowEvents } from './row-events'
import type { SweepMachinery } from './sweep-machinery'
import { TransactionEvents } from './transaction-events'
import type { WriteResult, WriteStatement } from './write-statement'

/** Transactions whose reads come from a snapshot taken when they began. */
const OLD_SNAPSHOT =
  /^\s*(?:SET|BEGIN|START)\b[^;]*\bISOLATION\s+LEVEL\s+(?:REPEATABLE|SERIALIZABLE|SNAPSHOT)/i

/**
 * Hears what the subscriber, the watched query builders and query runners tell of one DataSource, and passes it to where it belongs.
 */
export class SweepEngine {
  readonly rows: RowEvents
  readonly transactions: TransactionEvents
  readonly #machinery: () => SweepMachinery | undefined
  readonly #tenants: Tenants
  readonly #guard: HookGuard
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
    this.#tenants = tenants
    this.#guard = new HookGuard(onFault)
    this.rows = new RowEvents(machinery, origins, tenants, this.#guard)
    this.transactions = new TransactionEvents(machinery, this.#guard)
  }

  /** Runs what is to happen in the transaction of this runner. */
  within<T>(runner: QueryRunner, work: () => Promise<T>): Promise<T> {
    return this.#within.runToEnd(runner, work)
  }

  /** The runner in whose transaction this code runs, or was begun; undefined for none that is known. */
  get around(): QueryRunner | undefined {
    return this.#within.current
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
      await this.#guard.run(
        () => noted.noting,
        (error) => isRefusal(noted.unit, error),
      )
    const settle = (outcome: QueryOutcome): Promise<void> | undefined => {
      clock.ended(runner)
      return noted && this.#guard.run(() => raw.after(noted, outcome))
    }
    let result: R
    try {
      result = await run()
    } catch (error) {
      this.transactions.failed(units.of(runner), sql, error)
      await settle({ success: false, error })
      throw error
    }
    await settle({ success: true })
    return result
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
}
