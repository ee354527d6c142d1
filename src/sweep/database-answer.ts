/**
 * What an error of a statement says about what became of it.
 *
 * A database that answered an error has not done it. A connection that broke has told nothing:
 * the statement, a COMMIT above all, may have been carried out.
 */
export function isServerRefusal(error: unknown): boolean {
  const driverError = driverErrorOf(error)
  const code = textOf(driverError, 'code')
  // PostgreSQL: SQLSTATE, where class 08 and 57P are lost connections and shutdowns.
  if (isSqlState(code)) return !/^(08|57P)/.test(code)
  // MySQL and MariaDB: a server's error has a number below 2000 or above 2999; those between are the client's.
  const errno = numberOf(driverError, 'errno')
  if (textOf(driverError, 'sqlState') !== '' && errno !== undefined)
    return (
      !(errno >= 2000 && errno < 3000) &&
      code !== 'PROTOCOL_CONNECTION_LOST' &&
      code !== 'ECONNRESET'
    )
  // SQLite runs in this process: every error is its answer.
  return (
    code.startsWith('SQLITE') || textOf(driverError, 'name') === 'SqliteError' || isSqlJs(error)
  )
}

/** MySQL and MariaDB: a snapshot that is too old, a lock not granted in time, a deadlock, a cluster's conflict. */
const DEADLOCK = 1213
const ENDS_TRANSACTION = [1020, 1205, DEADLOCK, 3101]

/**
 * Whether a read of ours, inside the caller's transaction, has met an error that ended or aborted it. Then the
 * caller has to be told: MariaDB has rolled everything back, and would commit what follows statement by statement.
 */
export function endsTransaction(error: unknown): boolean {
  if (mayUndoTransaction(error)) return true
  const driverError = driverErrorOf(error)
  const code = textOf(driverError, 'code')
  // PostgreSQL aborts at any error. 25P02: it had been aborted before, and the caller's own statement will say so.
  return isSqlState(code) && code !== '25P02' && isServerRefusal(error)
}

/** Whether the error of a statement means that what the transaction had done is undone, and the next statement is alone. */
export function undoesTransaction(error: unknown): boolean {
  return numberOf(driverErrorOf(error), 'errno') === DEADLOCK
}

/** Whether it may mean that. */
export function mayUndoTransaction(error: unknown): boolean {
  const errno = numberOf(driverErrorOf(error), 'errno')
  return errno !== undefined && ENDS_TRANSACTION.includes(errno)
}

/** PostgreSQL: the transaction had failed before, and its COMMIT will answer ROLLBACK (typeorm facts T17). */
export function isAborted(error: unknown): boolean {
  return textOf(driverErrorOf(error), 'code') === '25P02'
}

export function isMissingTable(error: unknown): boolean {
  return ['42P01', 'ER_NO_SUCH_TABLE'].includes(textOf(driverErrorOf(error), 'code'))
}

/** Why rows could not be named, in words. */
export function unreadable(error: unknown): string {
  return `its rows could not be read (${error instanceof Error ? error.name : 'unknown error'})`
}

function isSqlState(code: string): boolean {
  return /^[0-9A-Z]{5}$/.test(code) && /\d/.test(code)
}

function driverErrorOf(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'driverError' in error
    ? error.driverError
    : error
}

/** sql.js throws plain errors; TypeORM wraps them in its QueryFailedError, which has no code then. */
function isSqlJs(error: unknown): boolean {
  if (textOf(error, 'name') !== 'QueryFailedError') return false
  const driverError = driverErrorOf(error)
  return (
    textOf(driverError, 'code') === '' &&
    numberOf(driverError, 'errno') === undefined &&
    textOf(driverError, 'name') === 'Error' &&
    !/connection|terminat|timeout|socket/i.test(textOf(driverError, 'message'))
  )
}

function textOf(value: unknown, property: string): string {
  const found = read(value, property)
  return typeof found === 'string' ? found : ''
}

function numberOf(value: unknown, property: string): number | undefined {
  const found = read(value, property)
  return typeof found === 'number' ? found : undefined
}

function read(value: unknown, property: string): unknown {
  return typeof value === 'object' && value !== null && property in value
    ? (value as Readonly<Record<string, unknown>>)[property]
    : undefined
}
