import { isReadOnlyFunction, takesParentheses } from './sql-functions'
import { keyword, punctuation, sqlTokens, type SqlDialect, type SqlToken } from './sql-tokens'

/** What a query reads, as far as its text tells. */
export interface SqlSources {
  /** The paths of tables and views, once each: `['public', 'comment']`. On PostgreSQL in the case it folds them to. */
  readonly tables: readonly (readonly string[])[]
  /** Functions that are not known to read no table, once each. */
  readonly functions: readonly string[]
}

/**
 * Finds the tables that a single SELECT reads, wherever it names them: joins, subqueries, CTEs, lists.
 * The names of its own CTEs are no tables, where they are in force.
 *
 * Never throws, and takes time linear in the length of the text.
 *
 * @returns undefined for what it cannot follow, and for reads that lock
 * @example
 * sourcesOf('SELECT * FROM comment c JOIN "blog"."article" a ON a.id = c."articleId"', 'postgres')
 * // { tables: [['comment'], ['blog', 'article']], functions: [] }
 */
export function sourcesOf(sql: string, dialect: SqlDialect): SqlSources | undefined {
  return new SourceFinder(sqlTokens(sql, dialect), dialect).find()
}

/** Between two parentheses, or the whole text. */
interface Scope {
  /** It has a SELECT: a FROM in it names tables. In `EXTRACT(YEAR FROM at)` it does not. */
  isQuery: boolean
  /** After FROM: a comma is followed by the next table. */
  inFrom: boolean
  /** The next thing is a table. */
  wantsTable: boolean
  /** Between WITH and its SELECT: names and their queries. */
  inWith: boolean
  isRecursive: boolean
  /** The CTE that is being defined inside these parentheses' parent. */
  defining: string | undefined
  readonly ctes: Set<string>
}

/** Reserved in every database: none of them is an alias, after which a comma and another table may come. */
const ENDS_FROM = new Set(['WHERE', 'GROUP', 'ORDER', 'HAVING', 'LIMIT', 'UNION'])
const BEFORE_TABLE = new Set(['LATERAL', 'ONLY'])

class SourceFinder {
  readonly #tokens: readonly SqlToken[]
  readonly #foldsCase: boolean
  readonly #tables = new Map<string, readonly string[]>()
  readonly #functions = new Set<string>()
  readonly #scopes: Scope[] = [scope()]
  #at = 0

  constructor(tokens: readonly SqlToken[], dialect: SqlDialect) {
    this.#tokens = tokens
    this.#foldsCase = dialect === 'postgres'
  }

  find(): SqlSources | undefined {
    for (; this.#at < this.#tokens.length; this.#at++) if (!this.#step()) return undefined
    const isWhole = this.#scopes.length === 1 && !this.#scope.wantsTable
    return isWhole
      ? { tables: [...this.#tables.values()], functions: [...this.#functions] }
      : undefined
  }

  get #scope(): Scope {
    return this.#scopes.at(-1) ?? scope()
  }

  /** False where the text cannot be followed. */
  #step(): boolean {
    const token = this.#tokens[this.#at]
    if (token === undefined || token.kind === 'open') return false
    const mark = punctuation(token)
    if (mark === ';') return this.#at === this.#tokens.length - 1
    if (mark === '(') return this.#open()
    if (mark === ')') return this.#close()
    if (this.#scope.wantsTable) return this.#table(token)
    if (mark === ',') this.#scope.wantsTable = this.#scope.inFrom
    else if (token.kind === 'word') return this.#word(keyword(token))
    else if (isName(token)) this.#call(token)
    return true
  }

  #open(): boolean {
    const { wantsTable, inWith } = this.#scope
    const inner = scope()
    // FROM (a JOIN b), FROM (SELECT ...): whichever it is, a name comes next, unless a keyword does.
    inner.inFrom = inner.wantsTable = wantsTable
    if (inWith) inner.defining = this.#definedHere()
    this.#scope.wantsTable = false
    this.#scopes.push(inner)
    return true
  }

  #close(): boolean {
    const closed = this.#scopes.pop()
    const outer = this.#scopes.at(-1)
    if (closed === undefined || outer === undefined || closed.wantsTable) return false
    if (closed.defining !== undefined) outer.ctes.add(closed.defining)
    return true
  }

  /** `name [(columns)] AS [NOT] [MATERIALIZED] (`: the name, at the last parenthesis. */
  #definedHere(): string | undefined {
    let at = this.#at - 1
    while (['MATERIALIZED', 'NOT'].includes(keyword(this.#tokens[at]))) at--
    if (keyword(this.#tokens[at]) !== 'AS') return undefined
    at--
    if (punctuation(this.#tokens[at]) === ')')
      while (at > 0 && punctuation(this.#tokens[at + 1]) !== '(') at--
    const name = this.#tokens[at]
    return name !== undefined && isName(name) ? this.#nameOf(name) : undefined
  }

  #word(word: string): boolean {
    const current = this.#scope
    if (word === 'SELECT') {
      current.isQuery = true
      current.inFrom = current.inWith = false
    } else if (word === 'WITH') this.#with()
    else if (word === 'FROM') current.inFrom = current.wantsTable = this.#beginsTables()
    else if (word === 'JOIN' || word === 'STRAIGHT_JOIN') current.wantsTable = true
    else if (word === 'TABLE' || word === 'INTO') return false
    // FOR UPDATE, and MariaDB's FOR SYSTEM_TIME in the middle of a list of tables; not SUBSTRING(name FOR 3).
    else if (word === 'FOR' && current.isQuery) return false
    else if (word === 'LOCK' && keyword(this.#tokens[this.#at + 1]) === 'IN') return false
    else if (ENDS_FROM.has(word)) current.inFrom = false
    else this.#call(this.#tokens[this.#at])
    return true
  }

  /** `WITH` of a query; there are others: `WITH TIES`, `timestamp WITH TIME ZONE`. */
  #with(): void {
    if (this.#scope.isQuery) return
    this.#scope.inWith = true
    this.#scope.isRecursive = keyword(this.#tokens[this.#at + 1]) === 'RECURSIVE'
  }

  #beginsTables(): boolean {
    if (!this.#scope.isQuery) return false
    const isComparison =
      keyword(this.#tokens[this.#at - 1]) === 'DISTINCT' &&
      ['IS', 'NOT'].includes(keyword(this.#tokens[this.#at - 2]))
    return !isComparison
  }

  #table(token: SqlToken): boolean {
    const word = keyword(token)
    if (word === 'SELECT' || word === 'WITH' || word === 'VALUES') {
      this.#scope.inFrom = this.#scope.wantsTable = false
      return this.#word(word)
    }
    if (BEFORE_TABLE.has(word)) return true
    if (!isName(token)) return false
    const path = [this.#nameOf(token)]
    while (punctuation(this.#tokens[this.#at + 1]) === '.') {
      const part = this.#tokens[this.#at + 2]
      if (part === undefined || !isName(part)) return false
      path.push(this.#nameOf(part))
      this.#at += 2
    }
    this.#scope.wantsTable = false
    if (punctuation(this.#tokens[this.#at + 1]) === '(') this.#call(this.#tokens[this.#at])
    else if (path.length > 1 || !this.#isCte(path[0] ?? '')) this.#tables.set(path.join('\0'), path)
    return true
  }

  #isCte(name: string): boolean {
    return this.#scopes.some(
      ({ ctes, defining }, depth) =>
        ctes.has(name) || (defining === name && this.#scopes[depth - 1]?.isRecursive === true),
    )
  }

  /** A name that is followed by a parenthesis. */
  #call(token: SqlToken | undefined): void {
    if (token === undefined || punctuation(this.#tokens[this.#at + 1]) !== '(') return
    if (this.#scope.inWith) return
    if (takesParentheses(keyword(token))) return
    const isPlain = token.kind === 'word' && punctuation(this.#tokens[this.#at - 1]) !== '.'
    if (isPlain && isReadOnlyFunction(token.text)) return
    this.#functions.add(this.#nameOf(token))
  }

  #nameOf({ kind, text }: SqlToken): string {
    return this.#foldsCase && kind === 'word' ? text.toLowerCase() : text
  }
}

function scope(): Scope {
  return {
    isQuery: false,
    inFrom: false,
    wantsTable: false,
    inWith: false,
    isRecursive: false,
    defining: undefined,
    ctes: new Set(),
  }
}

function isName({ kind }: SqlToken): boolean {
  return kind === 'word' || kind === 'quoted' || kind === 'either'
}
