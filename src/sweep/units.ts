import type { QueryRunner } from 'typeorm'
import { UnitOfWork } from './unit-of-work'
import { isInSave } from './watched-saves'

/** The transaction depth, which TypeORM declares protected; right at the moments it is read here (typeorm facts T5, T22). */
interface WithDepth {
  readonly transactionDepth?: number
}

/**
 * The open transactions of a DataSource, by query runner, as TypeORM's hooks tell of them.
 * A WeakMap: when a connection is lost in the middle no hook says so, and the runner is simply gone (typeorm facts T19).
 */
export class Units {
  readonly #open = new WeakMap<QueryRunner, UnitOfWork>()
  readonly #nextOwner: () => string
  readonly #readsOldSnapshot: boolean
  readonly #durable: boolean
  readonly #announced = new WeakSet<QueryRunner>()
  #begun = 0

  /** @param durable whether statements outside transactions are given one, in which their sweep is recorded */
  constructor(nextOwner: () => string, readsOldSnapshot: boolean, durable: boolean) {
    this.#nextOwner = nextOwner
    this.#readsOldSnapshot = readsOldSnapshot
    this.#durable = durable
  }

  /** How many transactions have begun: a change means that one was open in between. */
  get begun(): number {
    return this.#begun
  }

  /** The open transaction of this runner. */
  of(runner: QueryRunner): UnitOfWork | undefined {
    return this.#open.get(runner)
  }

  /** A raw BEGIN counts: there is a transaction, though TypeORM knows nothing of it. */
  needsTransaction(runner: QueryRunner): boolean {
    return this.#durable && !runner.isTransactionActive && this.of(runner) === undefined
  }

  /** A statement outside any transaction. */
  single(runner: QueryRunner): UnitOfWork {
    const unit = new UnitOfWork(runner, this.#nextOwner(), false)
    unit.isAlone = true
    return unit
  }

  /** A transaction or savepoint was started. What an earlier transaction left behind on this runner is dropped. */
  started(runner: QueryRunner): void {
    const unit = this.#open.get(runner)
    if (unit === undefined || isOutermost(runner)) this.begin(runner).isSave = isInSave()
    else unit.pending.push()
  }

  /**
   * The transaction that is open, or about to be, was given an isolation level whose reads may be old.
   * TypeORM sends it before or after its START TRANSACTION, but always before its hook.
   */
  willReadOldSnapshot(runner: QueryRunner): void {
    const unit = this.#open.get(runner)
    this.#announced.add(runner)
    if (unit !== undefined) unit.readsOldSnapshot = true
  }

  begin(runner: QueryRunner): UnitOfWork {
    this.#begun++
    const readsOldSnapshot = this.#readsOldSnapshot || this.#announced.delete(runner)
    const unit = new UnitOfWork(runner, this.#nextOwner(), readsOldSnapshot)
    this.#open.set(runner, unit)
    return unit
  }

  /** The unit is over: taken away before anything is awaited, since a handler may start the next one. */
  end(runner: QueryRunner): UnitOfWork | undefined {
    const unit = this.#open.get(runner)
    this.#open.delete(runner)
    return unit
  }
}

/** Whether the transaction that is about to commit is the outermost, open savepoints notwithstanding. */
export function isOutermost(runner: QueryRunner): boolean {
  return ((runner as unknown as WithDepth).transactionDepth ?? 1) <= 1
}
