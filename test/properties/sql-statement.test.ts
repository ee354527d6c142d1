import { expect } from 'chai'
import fc from 'fast-check'
import { isPlainRead, readStatements } from '../../src/core/sql-statement'
import { sqlTokens, type SqlDialect } from '../../src/core/sql-tokens'

const DIALECTS = ['postgres', 'mysql', 'sqlite', 'generic'] as const

/** Pieces that mean something to a tokenizer, and some that do not. */
const PIECES = [
  ...`'"\`[]$?:@#;,.()*/-+=\\ \n\r\t`,
  ...[
    '--',
    '/*',
    '*/',
    '/*!',
    "E'",
    "U&'",
    'U&"',
    '$$',
    '$a$',
    '::',
    'x',
    'é',
    '名',
    '7',
    '0x',
    '1e',
  ],
  ...['SELECT', 'DELETE', 'FROM', 'UPDATE', 'INTO', 'CREATE', 'TRIGGER', 'BEGIN', 'END', 'CASE'],
  ...['WITH', 'AS', 'UESCAPE', 'COMMIT', 'DO', '\ufeff', '\u00a0', '\ud800'],
]

/** What would make a tokenizer look to the end again and again. */
const REPEATED = [...PIECES, ' a', 'a.', '[a', '/* ', "'' ", '$a$ $b', 'f(', "E'\\'", ', "a"', 'a;']

const anyText = fc.oneof(
  fc.string({ unit: fc.constantFrom(...PIECES), maxLength: 60 }),
  fc.string({ unit: 'binary', maxLength: 60 }),
)

const anyDialect = fc.constantFrom<SqlDialect>(...DIALECTS)

/** Texts that would end a string, a comment or a name too early, were they not told apart. */
const trickyText = fc
  .array(
    fc.constantFrom(
      "'",
      '"',
      '`',
      ']',
      ';',
      '--',
      '#',
      '\\',
      '$$',
      '?',
      'a',
      ' ',
      'SELECT',
      'é',
      '(',
    ),
    { maxLength: 6 },
  )
  .map((parts) => parts.join(''))

/** A name and the ways to write it. */
function tableName(dialect: SqlDialect): fc.Arbitrary<{ name: string; written: string }> {
  const plain = fc
    .stringMatching(/^[a-z_][a-z0-9_]{0,8}$/)
    .map((word) => ({ name: `t_${word}`, written: `t_${word}` }))
  const quoted = trickyText
    // A name of nothing but spaces looks like an empty array where brackets may be either.
    .filter(
      (text) =>
        text !== '' && (dialect !== 'generic' || (!text.includes(']') && text.trim() !== '')),
    )
    .chain((name) =>
      fc.constantFrom(...quotings(dialect, name)).map((written) => ({ name, written })),
    )
  return fc.oneof(plain, quoted)
}

function quotings(dialect: SqlDialect, name: string): readonly string[] {
  const double = `"${name.replaceAll('"', '""')}"`
  const backtick = `\`${name.replaceAll('`', '``')}\``
  if (dialect === 'postgres') return [double]
  if (dialect === 'mysql') return [backtick]
  return name.includes(']') || /^\s*["'(]/.test(name) ? [double] : [double, `[${name}]`]
}

function literal(dialect: SqlDialect): fc.Arbitrary<string> {
  const doubled = trickyText.map((text) => `'${text.replaceAll("'", "''")}'`)
  const escaped = trickyText.map((text) => `'${text.replace(/[\\']/g, '\\$&')}'`)
  if (dialect === 'mysql') return escaped
  if (dialect !== 'postgres') return doubled
  const dollar = trickyText.map((text) => `$q$${text.replaceAll('$', '')}$q$`)
  return fc.oneof(
    doubled,
    escaped.map((text) => `E${text}`),
    dollar,
  )
}

/** What may stand between two words. */
function gap(dialect: SqlDialect): fc.Arbitrary<string> {
  const block = trickyText.map((text) => `/*${text}*/`)
  const line = trickyText.map((text) => ` -- ${text}\n`)
  const nested = trickyText.map((text) => `/* /*${text}*/ ' */`)
  const others = dialect === 'postgres' || dialect === 'generic' ? [nested] : []
  return fc.oneof(fc.constantFrom(' ', '\n', '\t '), block, line, ...others)
}

/** A statement that writes to a table, among noise. */
function writeStatementOn(
  dialect: SqlDialect,
): fc.Arbitrary<{ dialect: SqlDialect; name: string; sql: string }> {
  return fc
    .record({
      table: tableName(dialect),
      value: literal(dialect),
      gaps: fc.array(gap(dialect), { minLength: 12, maxLength: 12 }),
      before: fc.constantFrom('', 'SELECT 1;', "SELECT ';';", ';;'),
      shape: fc.constantFrom(...SHAPES),
    })
    .map(({ table, value, gaps, before, shape }) => {
      const words = shape(table.written, value).map((word, i) => word + (gaps[i] ?? ' '))
      return { dialect, name: table.name, sql: before + words.join('') }
    })
}

type Shape = (table: string, value: string) => readonly string[]

const SHAPES: readonly Shape[] = [
  (table, value) => ['INSERT', 'INTO', table, 'VALUES', `(${value})`],
  (table, value) => ['update', table, 'SET', 'a', '=', value],
  (table, value) => ['Delete', 'From', table, 'WHERE', 'a', '=', value],
  (table, value) => ['WITH', 'a', 'AS', `(SELECT ${value})`, 'DELETE', 'FROM', table],
  (table, value) => [
    'WITH',
    'a',
    'AS',
    '(',
    'DELETE',
    'FROM',
    table,
    'WHERE',
    `a = ${value})`,
    'TABLE a',
  ],
  (table, value) => ['SELECT', value, ';', 'TRUNCATE', table],
  (table, value) => ['EXPLAIN', 'ANALYZE', 'DELETE', 'FROM', table, 'WHERE', `a = ${value}`],
]

const writeStatement = fc.oneof(...DIALECTS.map(writeStatementOn))

describe('any SQL', () => {
  it('is read without an error', () => {
    fc.assert(
      fc.property(anyText, anyDialect, (sql, dialect) => {
        for (const { head } of readStatements(sql, dialect)) {
          expect(head.length).to.be.at.most(80)
        }
        isPlainRead(sql, dialect)
      }),
      { numRuns: 3000 },
    )
  })

  it('is cut into tokens that follow one another', () => {
    fc.assert(
      fc.property(anyText, anyDialect, (sql, dialect) => {
        let at = 0
        for (const { kind, start, end } of sqlTokens(sql, dialect)) {
          expect(start).to.be.at.least(at)
          expect(end).to.be.at.least(kind === 'open' ? start : start + 1)
          at = end
        }
        expect(at).to.be.at.most(sql.length)
      }),
      { numRuns: 3000 },
    )
  })

  for (const dialect of DIALECTS) {
    it(`is read in linear time on ${dialect}`, function () {
      this.timeout(120_000)
      for (const piece of REPEATED) {
        const sql = `SELECT ${piece.repeat(Math.ceil(100_000 / piece.length))}`
        const started = performance.now()

        readStatements(sql, dialect)
        isPlainRead(sql, dialect)

        // A tenth of this at most, and minutes if the time were quadratic.
        expect(performance.now() - started).to.be.below(2000, JSON.stringify(piece))
      }
    })
  }

  it('of a million characters is read within a second', () => {
    const insert = `INSERT INTO "comment"("id", "text") VALUES ${"($1, 'it''s'), ".repeat(70_000)}($2, '')`
    const started = performance.now()

    readStatements(insert, 'postgres')

    expect(insert.length).to.be.above(1_000_000)
    expect(performance.now() - started).to.be.below(1000)
  })
})

describe('a statement that writes', () => {
  it('is seen, and its table named, whatever stands around', () => {
    fc.assert(
      fc.property(writeStatement, ({ dialect, sql, name }) => {
        const writing = readStatements(sql, dialect).filter(({ effect }) => effect === 'write')

        expect(writing).to.have.length(1)
        expect(writing[0]?.names.map((path) => path.at(-1))).to.include(name)
        expect(isPlainRead(sql, dialect)).to.equal(false)
        expect(isPlainRead(sql)).to.equal(false)
      }),
      { numRuns: 2000 },
    )
  })

  it('shows no value in its head', () => {
    const shapes = fc.constantFrom(...SHAPES)
    fc.assert(
      fc.property(anyDialect, shapes, fc.boolean(), (dialect, shape, doubleQuoted) => {
        const value = doubleQuoted && dialect === 'mysql' ? '"hunter2"' : "'hunter2'"
        const sql = shape('t', value).join(' ')

        for (const { head } of readStatements(sql, dialect)) expect(head).not.to.contain('hunter2')
      }),
    )
  })
})
