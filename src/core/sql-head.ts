import { keyword, punctuation, type SqlToken } from './sql-tokens'

const LENGTH = 80

/** The beginning of a statement, at most 80 characters, with `?` in the place of everything that may be a value. */
export function headOf(sql: string, tokens: readonly SqlToken[]): string {
  const settles = SETTING_VERBS.has(keyword(tokens[0]))
  let head = ''
  let depth = 0
  for (const [i, token] of tokens.entries()) {
    const mark = punctuation(token)
    const written = sql.slice(token.start, token.end)
    const before = tokens[i - 1]
    if (before && before.end < token.start) head += ' '
    head += isValue(tokens, i, depth, written) ? '?' : written.slice(0, LENGTH)
    depth += mark === '(' ? 1 : mark === ')' ? -1 : 0
    const secretFollows = settles ? mark === '=' || mark === '(' || keyword(token) === 'TO' : false
    if (head.length >= LENGTH || secretFollows || SECRET_FOLLOWS.has(keyword(token))) break
    // Another mode of the database would end this string elsewhere, and show what follows.
    if (token.kind !== 'word' && /\\['"]/.test(written)) break
  }
  return head.slice(0, LENGTH).trim()
}

/** Unquoted words may be values here: `PRAGMA key = secret`, Oracle's `IDENTIFIED BY secret`. */
const SETTING_VERBS = new Set(['SET', 'PRAGMA'])
const SECRET_FOLLOWS = new Set(['PASSWORD', 'IDENTIFIED'])

function isValue(tokens: readonly SqlToken[], i: number, depth: number, written: string): boolean {
  const token = tokens[i]
  if (token?.kind === 'string' || token?.kind === 'number') return true
  const doubtful = token?.kind === 'either' || written.startsWith('"')
  return doubtful && !isInPlaceOfName(tokens, i, depth)
}

/** `TRIM('a' FROM "value")` and `x IS DISTINCT FROM "value"` are why FROM alone proves nothing. */
function isInPlaceOfName(tokens: readonly SqlToken[], i: number, depth: number): boolean {
  const before = tokens[i - 1]
  if (punctuation(before) === '.' || punctuation(tokens[i + 1]) === '.') return true
  const word = keyword(before)
  if (word === 'FROM') return depth === 0 && keyword(tokens[i - 2]) !== 'DISTINCT'
  return NAME_FOLLOWS.has(word)
}

const NAME_FOLLOWS = new Set(['INTO', 'UPDATE', 'JOIN', 'TABLE', 'ONLY', 'AS', 'SAVEPOINT'])
