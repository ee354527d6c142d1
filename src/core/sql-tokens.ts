import { commentAt } from './sql-comments'
import { LEXES, type Lexis } from './sql-lexis'
import { quotedAt } from './sql-quotes'

/** Whose lexical rules a text follows; `generic` for any other database. */
export type SqlDialect = keyof typeof LEXES

/**
 * `either`: one mode of the database reads it as a name, another as a value.
 * `open`: the text ends inside what began just before.
 */
export type SqlTokenKind =
  'word' | 'quoted' | 'string' | 'either' | 'number' | 'parameter' | 'punctuation' | 'open'

export interface SqlToken {
  readonly kind: SqlTokenKind
  /** Names and strings without their quotes and with doubled quotes undone; all else as written. */
  readonly text: string
  readonly start: number
  readonly end: number
}

/**
 * Cuts SQL into tokens. Comments and white space are left out; MySQL's executable comments are read as code.
 *
 * Never throws, whatever the text, and takes time linear in its length.
 *
 * @example
 * sqlTokens('DELETE FROM "comment"', 'postgres').map((token) => token.text) // ['DELETE', 'FROM', 'comment']
 */
export function sqlTokens(sql: string, dialect: SqlDialect): SqlToken[] {
  return new Scanner(sql, LEXES[dialect]).tokens()
}

/** The upper-case text of an unquoted word, which may be a keyword; empty for every other token. */
export function keyword(token: SqlToken | undefined): string {
  return token?.kind === 'word' ? token.text.toUpperCase() : ''
}

/** The punctuation mark that a token is; empty for every other token. */
export function punctuation(token: SqlToken | undefined): string {
  return token?.kind === 'punctuation' ? token.text : ''
}

class Scanner {
  readonly #sql: string
  readonly #tokens: SqlToken[] = []
  #lexis: Lexis
  #at = 0
  #inExecutableComment = false

  constructor(sql: string, lexis: Lexis) {
    this.#sql = sql
    this.#lexis = lexis
  }

  tokens(): SqlToken[] {
    while (this.#at < this.#sql.length) {
      if (this.#sql.charCodeAt(this.#at) <= 32) this.#at++
      else if (!this.#skipsComment()) this.#token()
    }
    if (this.#inExecutableComment) this.#push('open', this.#at)
    return this.#tokens
  }

  #token(): void {
    const start = this.#at
    const code = this.#sql.charCodeAt(start)
    const quoted = quotedAt(this.#sql, start, this.#lexis)
    if (quoted) {
      this.#tokens.push({ kind: quoted.kind, text: quoted.text, start, end: quoted.end })
      this.#at = quoted.end
      if (quoted.open) this.#push('open', quoted.end)
    } else if (this.#beginsWord(code)) this.#push('word', this.#wordEnd(start + 1))
    else if (isDigit(code)) this.#number()
    else if (code === 63 || code === 58 || code === 64 || code === 36) this.#parameter()
    else if (code < 128) this.#push('punctuation', start + 1)
    else this.#at++
  }

  #number(): void {
    const end = numberEnd(this.#sql, this.#at)
    const wordEnd = this.#lexis.mysql ? this.#wordEnd(this.#at) : end
    if (wordEnd > end) this.#push('word', wordEnd)
    else this.#push('number', end)
  }

  /** `?`, `?1`, `:name`, `@name`, `@@name`, `$1`, `$name`; digits end where a keyword begins. */
  #parameter(): void {
    const mark = this.#sql.charAt(this.#at)
    let end = this.#at + 1
    if (mark === ':' && this.#sql[end] === ':') return this.#push('punctuation', end + 1)
    if (mark === '@' && this.#lexis.postgres) return this.#push('punctuation', end)
    while (mark === '@' && this.#sql[end] === '@') end++
    if (isDigit(this.#sql.charCodeAt(end))) end = digitsEnd(this.#sql, end)
    else if (mark !== '?') end = this.#wordEnd(end)
    this.#push(mark === '?' || end > this.#at + 1 ? 'parameter' : 'punctuation', end)
  }

  /** Moves behind the comment, if there is one here. */
  #skipsComment(): boolean {
    if (this.#inExecutableComment && this.#sql.startsWith('*/', this.#at)) {
      this.#inExecutableComment = false
      this.#at += 2
      return true
    }
    const comment = commentAt(this.#sql, this.#at, this.#lexis)
    if (!comment) return false
    if (comment.open && this.#lexis.nestedComments && !this.#lexis.postgres) {
      // Not a database whose comments nest, then. Finding that out once keeps the time linear.
      this.#lexis = { ...this.#lexis, nestedComments: false }
      return this.#skipsComment()
    }
    if (comment.executable) this.#inExecutableComment = true
    this.#at = comment.end
    if (comment.open) this.#push('open', comment.end)
    return true
  }

  #beginsWord(code: number): boolean {
    if (code < 128) return isLetter(code) || code === this.#lexis.alsoLetter
    return code !== 0xfeff && !(this.#lexis.wideSpaces && /\s/.test(String.fromCharCode(code)))
  }

  #wordEnd(from: number): number {
    const sql = this.#sql
    for (let end = from; end < sql.length; end++) {
      const code = sql.charCodeAt(end)
      if (!isDigit(code) && code !== 36 && !this.#beginsWord(code)) return end
    }
    return sql.length
  }

  #push(kind: SqlTokenKind, end: number): void {
    this.#tokens.push({ kind, text: this.#sql.slice(this.#at, end), start: this.#at, end })
    this.#at = end
  }
}

/** Takes `1.5`, `1_000`, `1e-5` and `0xff`, and stops before a letter: `1UNION` is a number and a word. */
function numberEnd(sql: string, from: number): number {
  let end = from
  if (/^0x$/i.test(sql.slice(from, from + 2))) {
    for (end += 2; isHexDigit(sql.charCodeAt(end));) end++
    return end
  }
  while (isDigit(sql.charCodeAt(end)) || sql[end] === '_' || sql[end] === '.') end++
  return /^e[+-]?[0-9]/i.test(sql.slice(end, end + 3)) ? digitsEnd(sql, end + 2) : end
}

function digitsEnd(sql: string, from: number): number {
  let end = from
  while (isDigit(sql.charCodeAt(end))) end++
  return end
}

function isLetter(code: number): boolean {
  return (code >= 97 && code <= 122) || (code >= 65 && code <= 90) || code === 95
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57
}

function isHexDigit(code: number): boolean {
  return isDigit(code) || (code >= 97 && code <= 102) || (code >= 65 && code <= 70)
}
