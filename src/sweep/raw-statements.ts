import type { QueryRunner } from 'typeorm'
import { isPlainRead, readStatements, type SqlStatement } from '../core/sql-statement'
import { COMMITS_ON_MYSQL } from '../core/sql-transaction'
import type { Tenant, Tenants } from '../core/tenants'
import type { EntityType } from '../model/entity-type'
import { currentBulk } from './bulk'
import type { Closing } from './closing'
import { isServerRefusal } from './database-answer'
import { isExpected } from './own-statements'
import type { TableIndex } from './table-index'
import type { UnitOfWork } from './unit-of-work'
import type { Units } from './units'

/** A statement on its way. */
export interface Passing {
  readonly runner: QueryRunner
  /** Settles when it may be sent. */
  noting: Promise<void>
  unit: UnitOfWork | undefined
  readonly types: readonly EntityType[]
  readonly control: SqlStatement['control']
  readonly chains: boolean
}

/** How a statement ended. */
export interface QueryOutcome {
  readonly success: boolean
  readonly error?: unknown
}

/**
 * Raw SQL: statements of query runners that were not sent by a watched query builder.
 * A statement that writes sweeps the type tokens of the tables it names and of all they belong to;
 * one that writes somewhere unknown sweeps everything.
 *
 * Raw `BEGIN` ... `COMMIT` is a transaction TypeORM knows nothing of (typeorm facts T20): what is written in it is
 * swept after its COMMIT, and not at all after its ROLLBACK. Savepoints in it are ignored: that sweeps too much, never too little.
 */
export class RawStatements {
  readonly #units: Units
  readonly #closing: Closing
  readonly #tables: TableIndex
  readonly #tenants: Tenants
  readonly #raw = new WeakSet<UnitOfWork>()

  constructor(units: Units, closing: Closing, tables: TableIndex, tenants: Tenants) {
    this.#units = units
    this.#closing = closing
    this.#tables = tables
    this.#tenants = tenants
  }

  /** Procedures and definitions are left alone: they may end transactions themselves. */
  needsTransaction(runner: QueryRunner, sql: string): boolean {
    if (!this.#units.needsTransaction(runner) || !LONE_WRITE.test(sql)) return false
    const { dialect } = this.#tables
    if (currentBulk() !== undefined || isPlainRead(sql, dialect)) return false
    const statements = readStatements(sql, dialect)
    const isWriting = statements.every(
      ({ effect, control }) => control === undefined && effect !== 'unknown',
    )
    return isWriting && this.#tables.writtenBy(statements).length > 0
  }

  /** Before a statement. A plain read costs a few regular expressions. */
  before(runner: QueryRunner, sql: string): Passing | undefined {
    const { dialect } = this.#tables
    if (isPlainRead(sql, dialect) || isExpected(sql)) return undefined
    const statements = readStatements(sql, dialect)
    const open = this.#units.of(runner)
    if (open !== undefined && statements.some(({ head }) => DEFINITION.test(head)))
      open.definesTables = true
    const types = this.#tables.writtenBy(statements)
    // Where TypeORM has opened the transaction its own hooks tell how it ends.
    const boundary = runner.isTransactionActive ? undefined : lastBoundary(statements)
    const control = boundary?.control
    if (dialect === 'mysql' && statements.some(({ verb }) => COMMITS_ON_MYSQL.has(verb)))
      this.#mayCommit(runner, control)
    if (types.length === 0 && control === undefined) return undefined
    const chains = boundary?.chains === true
    const passing = { runner, types, control, chains, unit: undefined, noting: Promise.resolve() }
    passing.noting = this.#note(passing)
    return passing
  }

  /** MySQL: from here on a ROLLBACK may have nothing to take back. */
  #mayCommit(runner: QueryRunner, control: Passing['control']): void {
    const open = this.#units.of(runner)
    if (open !== undefined && control === undefined) open.mayBeEnded = true
  }

  async #note(passing: Passing): Promise<void> {
    const { runner, types, control } = passing
    const bulk = currentBulk()
    const tenant = this.#tenants.current
    bulk?.note(types, tenant)
    const open = this.#units.of(runner)
    const ends = control === 'commit' || control === 'rollback'
    if (open !== undefined && ends && this.#raw.has(open)) await open.looked()
    const alone =
      open === undefined && bulk === undefined && control !== 'begin' && types.length > 0
    const unit = open ?? (alone ? this.#units.single(runner) : undefined)
    passing.unit = unit
    if (unit === undefined) return
    if (bulk !== undefined) unit.postpone(bulk, types)
    else noteTypes(unit, types, tenant)
    if (this.#raw.has(unit) && control === 'commit') unit.takePostponed(bulk)
    if (alone || (this.#raw.has(unit) && control === 'commit')) await this.#closing.prepare(unit)
  }

  /** After a statement that `before` has noted. */
  async after(
    { runner, unit, types, control, chains }: Passing,
    { success, error }: QueryOutcome,
  ): Promise<void> {
    if (success && types.length > 0) currentBulk()?.wrote(0)
    const open = this.#units.of(runner)
    if (control === 'begin') {
      if (!success) return
      const begun = this.#units.begin(runner)
      this.#raw.add(begun)
      noteTypes(begun, types, this.#tenants.current)
      return
    }
    if (
      open !== undefined &&
      this.#raw.has(open) &&
      (control === 'commit' || control === 'rollback')
    ) {
      this.#units.end(runner)
      if (chains && success) this.#raw.add(this.#units.begin(runner))
      const isDone = control === 'commit' && (success || !isServerRefusal(error))
      const committed = isDone || (open.mayBeEnded && open.hasWritten)
      open.isInDoubt = !success
      open.end = committed ? 'committed' : 'rolled-back'
      await (committed ? this.#closing.finish(open) : this.#closing.abandon(open))
      return
    }
    if (unit === undefined || unit === open) return
    unit.isInDoubt = !success
    await (success || !isServerRefusal(error)
      ? this.#closing.finish(unit)
      : this.#closing.abandon(unit))
  }
}

function noteTypes(unit: UnitOfWork, types: readonly EntityType[], tenant: Tenant): void {
  if (types.length === 0) return
  const scope = unit.names(tenant) ? 'with-ancestors' : 'everywhere'
  for (const type of types) unit.pending.top.addType(type, scope)
}

const LONE_WRITE = /^\s*(?:INSERT|UPDATE|DELETE|REPLACE|MERGE|WITH)\b/i

const DEFINITION = /^\s*(?:CREATE|ALTER|DROP|RENAME)\b/i

/** The last statement that begins or ends a transaction: one text may hold several. */
function lastBoundary(statements: readonly SqlStatement[]): SqlStatement | undefined {
  return statements.findLast(
    ({ control }) => control === 'begin' || control === 'commit' || control === 'rollback',
  )
}
