/** Every error of this library has a stable `code` starting with `SWEEPER_`; messages may change, codes do not. */
export type SweeperErrorCode = `SWEEPER_${string}`

/**
 * What all errors of this library extend. The message reads `<where>: <what is wrong>; <what would be right>`.
 */
export abstract class SweeperError extends Error {
  abstract readonly code: SweeperErrorCode
}

/**
 * Tells an error of this library by its code, so that two copies of the package agree.
 *
 * @example
 * try { await sweeper.version(comment) } catch (error) { if (isSweeperError(error)) console.error(error.code) }
 */
export function isSweeperError(error: unknown): error is SweeperError {
  return (
    error instanceof Error &&
    'code' in error &&
    typeof error.code === 'string' &&
    error.code.startsWith('SWEEPER_')
  )
}

/** A value as it is shown in a message: JSON, at most 60 characters. */
export function quoted(value: unknown): string {
  let text: string | undefined
  try {
    text = typeof value === 'bigint' ? `${value}n` : JSON.stringify(value)
  } catch {
    // Circular values and throwing toJSON: the type has to do, a message must not throw.
    text = undefined
  }
  text ??= String(value)
  return text.length > 60 ? `${text.slice(0, 57)}...` : text
}

/** The declarations contradict the entities. All mistakes of a DataSource are reported together. */
export class DeclarationError extends SweeperError {
  readonly code = 'SWEEPER_DECLARATION'
  override readonly name = 'DeclarationError'
  readonly mistakes: readonly string[]
  constructor(mistakes: readonly string[]) {
    super(
      mistakes.length === 1
        ? mistakes[0]
        : `${mistakes.length} declarations are wrong:\n  ${mistakes.join('\n  ')}`,
    )
    this.mistakes = mistakes
  }
}

/** A duration was neither a number of milliseconds nor text such as `'30s'`. */
export class InvalidDurationError extends SweeperError {
  readonly code = 'SWEEPER_INVALID_DURATION'
  override readonly name = 'InvalidDurationError'
  constructor(where: string, value: unknown) {
    super(
      `${where}: ${quoted(value)} is no duration; give milliseconds or text such as "500ms", "30s", "10m", "2h", "1d"`,
    )
  }
}

/** An option has a value it cannot have. */
export class InvalidOptionError extends SweeperError {
  readonly code = 'SWEEPER_INVALID_OPTION'
  override readonly name = 'InvalidOptionError'
}

/** What was given as `on` names no record, type or list of an entity of this DataSource. */
export class InvalidSubjectError extends SweeperError {
  readonly code = 'SWEEPER_INVALID_SUBJECT'
  override readonly name = 'InvalidSubjectError'
}

/** A record without a primary key, most likely one that was never saved. */
export class MissingPrimaryKeyError extends SweeperError {
  readonly code = 'SWEEPER_MISSING_PRIMARY_KEY'
  override readonly name = 'MissingPrimaryKeyError'
  constructor(where: string, entity: string, missing: readonly string[]) {
    super(
      `${where}: ${entity} has no value for its primary key "${missing.join('", "')}"; save it first, or name it with record(${entity}, id)`,
    )
  }
}

/** A value that the cache could not give back as it was given. */
export class UncacheableValueError extends SweeperError {
  readonly code = 'SWEEPER_UNCACHEABLE_VALUE'
  override readonly name = 'UncacheableValueError'
}

/** `getOrSetMany`'s factory answered another number of values than it was asked for. */
export class FactoryLengthError extends SweeperError {
  readonly code = 'SWEEPER_FACTORY_LENGTH'
  override readonly name = 'FactoryLengthError'
  constructor(key: string, wanted: number, got: unknown) {
    super(
      `getOrSetMany ${quoted(key)}: the factory was given ${wanted} subjects and answered ${Array.isArray(got) ? `${got.length} values` : quoted(got)}; return an array with one value per subject, in their order`,
    )
  }
}

/** A factory asked for the value it is there to make, directly or through others. */
export class RecursiveFactoryError extends SweeperError {
  readonly code = 'SWEEPER_RECURSIVE_FACTORY'
  override readonly name = 'RecursiveFactoryError'
  constructor(key: string, chain: readonly string[]) {
    super(
      `getOrSet ${quoted(key)}: its factory waits for its own value (${[...chain, key].join(' -> ')}); load the inner value without the cache, or give it another key`,
    )
  }
}

/** The store did not answer in time, or said no. Carries neither the client's error nor what was sent: both may hold secrets. */
export class StoreUnavailableError extends SweeperError {
  readonly code = 'SWEEPER_STORE_UNAVAILABLE'
  override readonly name = 'StoreUnavailableError'
  /** `timeout`, `circuit-open`, `connection-changed`, `not-replicated`, `closed` or the server's error word such as `READONLY`. */
  readonly reason: string
  constructor(store: string, operation: string, reason: string) {
    super(
      `${store} store: ${operation} failed (${reason}); is the server up and reachable from here?`,
    )
    this.reason = reason
  }
}

/** `outbox: true` and its table is not there. The transaction is rolled back: its sweep could not be recorded. */
export class OutboxError extends SweeperError {
  readonly code = 'SWEEPER_OUTBOX'
  override readonly name = 'OutboxError'
  constructor(table: string, cause: unknown) {
    super(
      `outbox: there is no table ${quoted(table)}; run the migration CreateSweepOutbox of typeorm-sweeper, or list its entity SweepOutbox and synchronize`,
      { cause },
    )
  }
}

/** A DataSource without a Sweeper, or a Sweeper whose DataSource is not initialized. */
export class NotAttachedError extends SweeperError {
  readonly code = 'SWEEPER_NOT_ATTACHED'
  override readonly name = 'NotAttachedError'
}

/** Two live Sweepers would share keys. */
export class NamespaceError extends SweeperError {
  readonly code = 'SWEEPER_NAMESPACE'
  override readonly name = 'NamespaceError'
}

/** A template uses the tag `cachesweeper` in a way in which it cannot be cached. */
export class TemplateError extends SweeperError {
  readonly code = 'SWEEPER_TEMPLATE'
  override readonly name = 'TemplateError'
}

/** The Sweeper was closed. */
export class ClosedError extends SweeperError {
  readonly code = 'SWEEPER_CLOSED'
  override readonly name = 'ClosedError'
  constructor(what: string) {
    super(`${what}: this Sweeper is closed; make a new one with new Sweeper(dataSource, options)`)
  }
}
