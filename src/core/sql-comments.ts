import type { Lexis } from './sql-lexis'

/** A comment, or the opening of one that the database executes. */
export interface SqlComment {
  readonly end: number
  /** The end of the comment is missing. */
  readonly open: boolean
  /** Only its opening was read; what follows is code. */
  readonly executable: boolean
}

/** The comment that begins at this place; undefined if none does. */
export function commentAt(sql: string, at: number, lexis: Lexis): SqlComment | undefined {
  switch (sql[at]) {
    case '/':
      return sql[at + 1] === '*' ? blockComment(sql, at, lexis) : undefined
    case '-':
      if (sql[at + 1] !== '-' || (lexis.mysql && sql.charCodeAt(at + 2) > 32)) return undefined
      return lineComment(sql, at, lexis)
    case '#':
      return lexis.mysql ? lineComment(sql, at, lexis) : undefined
    case undefined:
    default:
      return undefined
  }
}

function lineComment(sql: string, at: number, lexis: Lexis): SqlComment {
  let end = at
  while (end < sql.length && !endsLine(sql.charCodeAt(end), lexis)) end++
  return { end, open: false, executable: false }
}

/** An early end is as wrong as a late one: what comes then may hold an apostrophe. */
function endsLine(code: number, lexis: Lexis): boolean {
  return code === 10 || (code === 13 && lexis.nestedComments)
}

function blockComment(sql: string, at: number, lexis: Lexis): SqlComment {
  const executable = /\/\*M?!\d{0,6}/y
  executable.lastIndex = at
  if (lexis.mysql && executable.test(sql)) {
    return { end: executable.lastIndex, open: false, executable: true }
  }
  const end = lexis.nestedComments ? afterNested(sql, at + 2) : afterFlat(sql, at + 2)
  return { end: end < 0 ? sql.length : end, open: end < 0, executable: false }
}

/** The index behind the comment's end, or -1. */
function afterFlat(sql: string, from: number): number {
  const end = sql.indexOf('*/', from)
  return end < 0 ? -1 : end + 2
}

function afterNested(sql: string, from: number): number {
  let depth = 1
  for (let at = from; at < sql.length; at++) {
    const [code, next] = [sql.charCodeAt(at), sql.charCodeAt(at + 1)]
    if (code === 42 && next === 47) {
      at++
      if (--depth === 0) return at + 1
    } else if (code === 47 && next === 42) {
      at++
      depth++
    }
  }
  return -1
}
