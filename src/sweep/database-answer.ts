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
  if (/^[0-9A-Z]{5}$/.test(code) && /\d/.test(code)) return !/^(08|57P)/.test(code)
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
