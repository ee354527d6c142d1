import { expect } from 'chai'
import { sqlTokens, type SqlDialect } from '../../src/core/sql-tokens'

/** `word:select quoted:a b`, the way the tables below write tokens. */
function written(sql: string, dialect: SqlDialect): string {
  return sqlTokens(sql, dialect)
    .map(({ kind, text }) => `${kind}:${text}`)
    .join(' ')
}

const EVERYWHERE: readonly (readonly [string, string])[] = [
  ['SELECT a1, b_2', 'word:SELECT word:a1 punctuation:, word:b_2'],
  ['größe', 'word:größe'],
  ['名前.列', 'word:名前 punctuation:. word:列'],
  ['a -- b\nc', 'word:a word:c'],
  ['a -- b', 'word:a'],
  ['a /* b */ c', 'word:a word:c'],
  ['a/**/b', 'word:a word:b'],
  ['1.5e-3+0xFf', 'number:1.5e-3 punctuation:+ number:0xFf'],
  ['1_000', 'number:1_000'],
  ['a = ?', 'word:a punctuation:= parameter:?'],
  ['a = :name', 'word:a punctuation:= parameter::name'],
  ['x::comment', 'word:x punctuation::: word:comment'],
  ['', ''],
  [' \t\r\n', ''],
]

const BY_DIALECT: readonly (readonly [SqlDialect, string, string])[] = [
  ['postgres', `'it''s'`, `string:it's`],
  ['postgres', `'a\\' b`, `string:a\\ word:b`],
  ['postgres', `E'a\\' b'`, `string:a\\' b`],
  ['postgres', `E'a'\n'b\\'c' d`, `string:a'\n'b\\'c word:d`],
  ['postgres', `"a""b"`, `quoted:a"b`],
  ['postgres', "$$ it's $$", `string: it's `],
  ['postgres', '$a$ $b$ $$ $a$', 'string: $b$ $$ '],
  ['postgres', 'a$b$c', 'word:a$b$c'],
  ['postgres', '$1::int', 'parameter:$1 punctuation::: word:int'],
  ['postgres', '$1FOR', 'parameter:$1 word:FOR'],
  ['postgres', 'U&"d\\0061t\\+000061" x', 'quoted:data word:x'],
  ['postgres', `U&"d!0061ta" UESCAPE '!'`, 'quoted:data word:UESCAPE string:!'],
  ['postgres', 'U&"a\\\\b\\+ffffff"', 'quoted:a\\b\\+ffffff'],
  ['postgres', `U&'a\\0027' b`, 'string:a\\0027 word:b'],
  ['postgres', '/* a /* b */ c */ d', 'word:d'],
  ['postgres', 'a -- b\rc', 'word:a word:c'],
  ['postgres', 'a[1]', 'word:a punctuation:[ number:1 punctuation:]'],
  ['postgres', '@a', 'punctuation:@ word:a'],
  ['postgres', '1UNION', 'number:1 word:UNION'],
  ['mysql', `'a\\' b'`, `string:a\\' b`],
  ['mysql', '`a``b`', 'quoted:a`b'],
  ['mysql', '"comment"', 'either:comment'],
  ['mysql', '"a\\" b" c', 'either:a\\" b word:c'],
  ['mysql', 'a # b\nc', 'word:a word:c'],
  ['mysql', '5--1', 'number:5 punctuation:- punctuation:- number:1'],
  ['mysql', '/*!50001 DELETE */ x', 'word:DELETE word:x'],
  ['mysql', '/*M!100100 DELETE */ x', 'word:DELETE word:x'],
  ['mysql', '/*! a', 'word:a open:'],
  ['mysql', '/* a /* b */ c', 'word:c'],
  ['mysql', 'db.2fa', 'word:db punctuation:. word:2fa'],
  ['mysql', '$a', 'word:$a'],
  ['mysql', '@a @@b', 'parameter:@a parameter:@@b'],
  ['sqlite', '[a b]', 'quoted:a b'],
  ['sqlite', `'comment'`, 'either:comment'],
  ['sqlite', '"comment"', 'either:comment'],
  ['sqlite', 'a -- b\rc', 'word:a'],
  ['sqlite', '$a ?1', 'parameter:$a parameter:?1'],
  ['sqlite', '\ufeffa', 'word:a'],
  ['generic', '[order details]', 'quoted:order details'],
  ['generic', `['a', 'b']`, 'punctuation:[ string:a punctuation:, string:b punctuation:]'],
  ['generic', '[a', 'punctuation:[ word:a'],
  ['generic', '#temp @p', 'word:#temp parameter:@p'],
  ['generic', 'a\u00a0b', 'word:a word:b'],
  ['generic', '/* a /* b */ c */ d', 'word:d'],
  ['generic', '/* a /* b */ c', 'word:c'],
]

const UNTERMINATED: readonly (readonly [SqlDialect, string, string])[] = [
  ['postgres', `a 'b`, 'word:a string:b open:'],
  ['postgres', `a "b`, 'word:a quoted:b open:'],
  ['postgres', `E'b\\'`, `string:b\\' open:`],
  ['postgres', 'U&"b', 'quoted:b open:'],
  ['postgres', '$a$ b', 'string: b open:'],
  ['postgres', '/* /* */ a', 'open:'],
  ['mysql', '`a', 'quoted:a open:'],
  ['sqlite', '[a', 'quoted:a open:'],
]

const DIALECTS: readonly SqlDialect[] = ['postgres', 'mysql', 'sqlite', 'generic']

describe('sqlTokens()', () => {
  for (const dialect of DIALECTS) {
    for (const [sql, tokens] of EVERYWHERE) {
      it(`cuts ${JSON.stringify(sql)} for ${dialect}`, () => {
        expect(written(sql, dialect)).to.equal(tokens)
      })
    }
  }

  for (const [dialect, sql, tokens] of BY_DIALECT) {
    it(`cuts ${JSON.stringify(sql)} for ${dialect}`, () => {
      expect(written(sql, dialect)).to.equal(tokens)
    })
  }

  for (const [dialect, sql, tokens] of UNTERMINATED) {
    it(`says that ${JSON.stringify(sql)} ends too early for ${dialect}`, () => {
      expect(written(sql, dialect)).to.equal(tokens)
    })
  }

  it('tells where a token stands', () => {
    const [, name] = sqlTokens('FROM "a""b"', 'postgres')

    expect(name).to.deep.equal({ kind: 'quoted', text: 'a"b', start: 5, end: 11 })
  })
})
