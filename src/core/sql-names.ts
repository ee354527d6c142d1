import { keyword, punctuation, sqlTokens, type SqlDialect, type SqlToken } from './sql-tokens'

/** Every path of identifiers that may name a table, once each, as written: `['public', 'comment']`. */
export function namesIn(tokens: readonly SqlToken[]): string[][] {
  const paths = new Map<string, string[]>()
  for (let i = 0; i < tokens.length; i++) {
    const first = tokens[i]
    if (!first || !mayBeName(first) || RESERVED.has(keyword(first))) continue
    const path = [first.text]
    for (let next = i; punctuation(tokens[next + 1]) === '.'; i = next) {
      // SQL Server: database..table
      next += punctuation(tokens[next + 2]) === '.' ? 3 : 2
      const part = tokens[next]
      if (!part || !mayBeName(part)) break
      path.push(part.text)
    }
    paths.set(path.join('\0'), path)
  }
  return [...paths.values()]
}

/** The names in the code that strings hold: `DO $$ .. $$`, `EXECUTE IMMEDIATE '..'`, code in code. */
export function namesInStrings(
  tokens: readonly SqlToken[],
  dialect: SqlDialect,
  depth = 3,
): string[][] {
  return tokens
    .filter((token) => token.kind === 'string')
    .flatMap((token) => {
      const inside = sqlTokens(token.text, dialect)
      const deeper = depth > 1 ? namesInStrings(inside, dialect, depth - 1) : []
      return [...namesIn(inside), ...deeper]
    })
}

/** What no database takes for a table's name unless it is quoted. */
const RESERVED = new Set(
  (
    'ALL AND AS CHECK CREATE DEFAULT DISTINCT ELSE FROM GROUP HAVING IN INTERSECT INTO IS NOT NULL ON ' +
    'OR ORDER SELECT TABLE THEN TO UNION UNIQUE WHERE'
  ).split(' '),
)

/** SQLite takes even `'comment'` for a table where a value cannot stand. */
function mayBeName(token: SqlToken): boolean {
  return token.kind === 'word' || token.kind === 'quoted' || token.kind === 'either'
}
