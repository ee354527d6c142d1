import type { QueryRunner } from 'typeorm'
import { UnitOfWork } from './unit-of-work'

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
  readonly #announced = new WeakSet<QueryRunner>()
  #begun = 0

  constructor(nextOwner: () => string, readsOldSnapshot: boolean) {
    this.#nextOwner = nextOwner
    this.#readsOldSnapshot = readsOldSnapshot
  }

  /** How many transactions have begun: a change means that one was open in between. */
  get begun(): number {
    return this.#begun
  }

  /** The open transaction of this runner. */
  of(runner: QueryRunner): UnitOfWork | undefined {
    return this.#open.get(runner)
  }

  /** A statement outside any transaction. */
  single(runner: QueryRunner): UnitOfWork {
    return new UnitOfWork(runner, this.#nextOwner(), false)
  }

  /** A transaction or savepoint was started. What an earlier transaction left behind on this runner is dropped. */
  started(runner: QueryRunner): void {
    const unit = this.#open.get(runner)
    if (unit === undefined || isOutermost(runner)) this.begin(runner)
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
