/** What a read has to know about the database connection it belongs to. */
export interface TransactionView {
  /** A transaction is open: nothing that is loaded now may be stored. */
  readonly isOpen: boolean
  /** It has written: nothing may be served from the cache either. */
  readonly hasWritten: boolean
  /** Names the open transaction: what it loads may come from its own snapshot, so only its own callers share it. */
  readonly name?: string | undefined
  /** Why nothing may be served, where it is not that. */
  readonly reason?: 'tenant'
}

/** It is not known whose values are asked for: none are served, none kept, and no load is shared. */
export const WITHOUT_TENANT: TransactionView = { isOpen: true, hasWritten: true, reason: 'tenant' }

export const OUTSIDE: TransactionView = { isOpen: false, hasWritten: false }

/**
 * Where everyone shares one query runner (the SQLite family), a load can see what an unrelated transaction has written
 * and not committed. It is stored only if none was open from its beginning to its end (consistency H25c).
 */
export interface SharedRunnerWatch {
  /** Call before loading; the function that comes back tells after it whether all was quiet. */
  begin(): () => boolean
}

export const NOT_SHARED: SharedRunnerWatch = { begin: () => () => true }
