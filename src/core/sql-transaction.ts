import { keyword, type SqlDialect, type SqlToken } from './sql-tokens'

/** What a statement does to the transaction around it. */
export type TransactionControl =
  'begin' | 'commit' | 'rollback' | 'savepoint' | 'release' | 'rollback-to' | 'prepare'

/**
 * What a statement does to transactions; `other` for those that end a prepared one or belong to XA,
 * undefined if it is no statement of that sort.
 */
export function transactionControl(
  tokens: readonly SqlToken[],
  dialect: SqlDialect,
): TransactionControl | 'other' | undefined {
  const second = keyword(tokens[1])
  switch (keyword(tokens[0])) {
    case 'BEGIN':
      return begins(tokens) ? 'begin' : undefined
    case 'START':
      return second === 'TRANSACTION' ? 'begin' : undefined
    case 'COMMIT':
      return second === 'PREPARED' ? 'other' : 'commit'
    case 'END':
      return endsTransaction(tokens, dialect) ? 'commit' : undefined
    case 'ROLLBACK':
    case 'ABORT':
      return second === 'PREPARED' ? 'other' : rollback(tokens, dialect)
    case 'SAVEPOINT':
      return 'savepoint'
    case 'SAVE':
      return IS_TRANSACTION.has(second) ? 'savepoint' : undefined
    case 'RELEASE':
      return 'release'
    case 'PREPARE':
      return second === 'TRANSACTION' && tokens[2]?.kind === 'string' ? 'prepare' : undefined
    case 'XA':
      return 'other'
    default:
      return undefined
  }
}

/** `COMMIT AND CHAIN`, `ROLLBACK AND CHAIN`: the next transaction begins with it. */
export function chains(tokens: readonly SqlToken[]): boolean {
  return tokens.some((token, i) => keyword(token) === 'AND' && keyword(tokens[i + 1]) === 'CHAIN')
}

/** MySQL and MariaDB commit what is open before these, and after them. */
export const COMMITS_ON_MYSQL: ReadonlySet<string> = new Set(
  'ALTER ANALYZE BEGIN CREATE DROP GRANT LOCK OPTIMIZE RENAME REPAIR REVOKE START TRUNCATE'.split(
    ' ',
  ),
)

const IS_TRANSACTION = new Set(['TRANSACTION', 'TRAN', 'WORK'])

const BEGIN_OPTIONS = new Set(
  'CONCURRENT DEFERRABLE DEFERRED DISTRIBUTED EXCLUSIVE IMMEDIATE ISOLATION NOT PRIORITY READ'.split(
    ' ',
  ),
)

/** `BEGIN` also opens blocks of code: `BEGIN NOT ATOMIC` on MariaDB, `BEGIN DELETE ..` elsewhere. */
function begins(tokens: readonly SqlToken[]): boolean {
  const option = keyword(tokens[1])
  if (tokens.length === 1 || IS_TRANSACTION.has(option)) return true
  return BEGIN_OPTIONS.has(option) && keyword(tokens[2]) !== 'ATOMIC'
}

/** `END` also closes blocks of code, and where it does it is no COMMIT. */
function endsTransaction(tokens: readonly SqlToken[], dialect: SqlDialect): boolean {
  if (dialect !== 'postgres' && dialect !== 'sqlite') return false
  const option = keyword(tokens[1])
  return tokens.length === 1 || IS_TRANSACTION.has(option) || option === 'AND'
}

function rollback(tokens: readonly SqlToken[], dialect: SqlDialect): TransactionControl {
  const named = dialect === 'generic' && IS_TRANSACTION.has(keyword(tokens[1])) && tokens.length > 2
  const to = keyword(tokens[1]) === 'TO' || keyword(tokens[2]) === 'TO'
  return to || named ? 'rollback-to' : 'rollback'
}
