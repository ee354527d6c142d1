import { definition } from './sql-definition'
import { keyword, punctuation, type SqlDialect, type SqlToken } from './sql-tokens'

/**
 * What a statement other than one on transactions does to rows. `unknown` is a write that cannot be seen
 * into. In doubt it is `write`: a sweep too many costs a miss, one too few shows old data.
 *
 * The functions that a query calls are taken for readers: hardly any writes, and an application that reads
 * through functions of its own would lose its cache with every read.
 */
export function effectOf(
  tokens: readonly SqlToken[],
  dialect: SqlDialect,
): 'read' | 'write' | 'unknown' {
  const first = tokens.findIndex((token) => punctuation(token) !== '(')
  const verb = keyword(tokens[first])
  if (runsNothing(tokens, verb, dialect)) return 'read'
  const active = activeWords(tokens, first)
  if (active.some((word) => OPAQUE_WORDS.has(word))) return 'unknown'
  if (writes(tokens, verb)) return 'write'
  if (!READING_VERBS.has(verb) && !BRANCHING_VERBS.has(verb)) return 'unknown'
  if (active.some((word) => WRITING_WORDS.has(word))) return 'write'
  return BRANCHING_VERBS.has(verb) ? 'unknown' : 'read'
}

/** Statements in which the words that write only describe what others may do, or would. */
function runsNothing(tokens: readonly SqlToken[], verb: string, dialect: SqlDialect): boolean {
  if (verb === 'CREATE') {
    const { isRoutine, isView, replaces } = definition(tokens)
    return isRoutine || (isView && !replaces)
  }
  if (EXPLAINING_VERBS.has(verb)) return !tokens.some((token) => ANALYZE.has(keyword(token)))
  // SQL Server needs no semicolon in front of the next statement.
  return PRIVILEGE_VERBS.has(verb) && dialect !== 'generic'
}

function writes(tokens: readonly SqlToken[], verb: string): boolean {
  if (verb === 'COPY') return copiesFrom(tokens)
  return WRITING_VERBS.has(verb) || (verb === 'CREATE' && definition(tokens).replaces)
}

const words = (text: string): ReadonlySet<string> => new Set(text.split(' '))

/** INTO: PostgreSQL and SQL Server make a table of SELECT .. INTO; it is reserved everywhere. */
const WRITING_WORDS = words('INSERT UPDATE DELETE TRUNCATE MERGE REPLACE UPSERT DROP ALTER INTO')
const OPAQUE_WORDS = words('CALL EXECUTE EXEC')
const WRITING_VERBS = words(
  'INSERT UPDATE DELETE TRUNCATE MERGE REPLACE UPSERT DROP ALTER LOAD RENAME REFRESH REPAIR',
)
/** Whatever they decide, what is run stands in the same text. */
const BRANCHING_VERBS = words('IF ELSE WHILE BEGIN BULK')
const EXPLAINING_VERBS = words('EXPLAIN DESCRIBE DESC')
const ANALYZE = words('ANALYZE ANALYSE')
const PRIVILEGE_VERBS = words('GRANT REVOKE DENY')
const READING_VERBS = words(
  'SELECT WITH VALUES TABLE SHOW EXPLAIN DESCRIBE DESC ANALYZE ANALYSE SET RESET PRAGMA USE PREPARE ' +
    'DEALLOCATE COPY CREATE DECLARE FETCH MOVE CLOSE HANDLER VACUUM REINDEX CLUSTER OPTIMIZE CHECK ' +
    'CHECKSUM CHECKPOINT LISTEN UNLISTEN NOTIFY COMMENT SECURITY LOCK UNLOCK DISCARD REASSIGN ATTACH ' +
    'DETACH KILL FLUSH GRANT REVOKE DENY',
)

/** Names that are keywords elsewhere stand after these, statements never do. */
const NAME_FOLLOWS = words(
  'SELECT DISTINCT WHERE AND OR NOT BY HAVING FROM JOIN LIKE ILIKE IN BETWEEN CASE WHEN WITH RECURSIVE',
)
const NAME_FOLLOWS_MARK = '.,=<>+-%|/:'
const FOLLOWS_NAME_MARK = '.,)=<>+-%|/:;]'
const ALSO_FUNCTIONS = words('INSERT REPLACE TRUNCATE MERGE UPSERT DROP ALTER')

/** The verb and the words that write wherever a statement may begin. */
function activeWords(tokens: readonly SqlToken[], first: number): string[] {
  const verb = keyword(tokens[first])
  const active: string[] = []
  for (let i = 0; i < tokens.length; i++) {
    if (tokens[i]?.kind !== 'word') continue
    const word = keyword(tokens[i])
    if (!WRITING_WORDS.has(word) && !OPAQUE_WORDS.has(word)) continue
    if (i === first || actsAsKeyword(tokens, i, verb)) active.push(word)
  }
  return active
}

/** False for a word that is clearly a column, a function, an alias or part of another clause. */
function actsAsKeyword(tokens: readonly SqlToken[], i: number, verb: string): boolean {
  const word = keyword(tokens[i])
  const before = tokens[i - 1]
  if (word === 'INTO') return punctuation(before) !== '.'
  const mark = punctuation(tokens[i + 1])
  if (!tokens[i + 1] || (mark && FOLLOWS_NAME_MARK.includes(mark))) return false
  if (mark === '(' && ALSO_FUNCTIONS.has(word)) return false
  const markBefore = punctuation(before)
  if (markBefore && NAME_FOLLOWS_MARK.includes(markBefore)) return false
  return !NAME_FOLLOWS.has(keyword(before)) && !isInClause(tokens, i, verb)
}

/** FOR UPDATE, FOR NO KEY UPDATE, ON DELETE, ON COMMIT DROP, GRANT EXECUTE, AS update, MERGE JOIN. */
function isInClause(tokens: readonly SqlToken[], i: number, verb: string): boolean {
  const word = keyword(tokens[i])
  switch (keyword(tokens[i - 1])) {
    case 'FOR':
      // MariaDB: SET STATEMENT max_statement_time = 1 FOR UPDATE comment SET ..
      return word === 'UPDATE' && verb !== 'SET'
    case 'KEY':
      return word === 'UPDATE' && keyword(tokens[i - 2]) === 'NO'
    case 'ON':
      return (word === 'UPDATE' || word === 'DELETE') && verb === 'CREATE'
    case 'COMMIT':
      return (word === 'DROP' || word === 'DELETE') && verb === 'CREATE'
    case 'GRANT':
      return true
    case 'INTO':
    case 'UPDATE':
    case 'TABLE':
      // Tables named call are common.
      return OPAQUE_WORDS.has(word)
    case 'AS':
      return verb === 'SELECT' || verb === 'WITH'
    default:
      return word === 'MERGE' && keyword(tokens[i + 1]) === 'JOIN'
  }
}

function copiesFrom(tokens: readonly SqlToken[]): boolean {
  let depth = 0
  for (const token of tokens) {
    const mark = punctuation(token)
    if (mark === '(') depth++
    else if (mark === ')') depth--
    else if (depth === 0 && keyword(token) === 'FROM') return true
  }
  return false
}
