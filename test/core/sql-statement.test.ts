import { expect } from 'chai'
import { readStatements, type SqlStatement } from '../../src/core/sql-statement'
import type { SqlDialect } from '../../src/core/sql-tokens'

const CONTROLS: readonly (readonly [SqlDialect, string, SqlStatement['control']])[] = [
  ['postgres', 'BEGIN', 'begin'],
  ['postgres', 'begin work isolation level serializable', 'begin'],
  ['postgres', 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY', 'begin'],
  ['postgres', 'BEGIN NOT DEFERRABLE', 'begin'],
  ['postgres', 'START TRANSACTION READ WRITE', 'begin'],
  ['postgres', '/* x */ COMMIT', 'commit'],
  ['postgres', 'COMMIT AND CHAIN', 'commit'],
  ['postgres', 'END', 'commit'],
  ['postgres', 'END TRANSACTION', 'commit'],
  ['postgres', 'ROLLBACK', 'rollback'],
  ['postgres', 'ABORT', 'rollback'],
  ['postgres', 'SAVEPOINT a', 'savepoint'],
  ['postgres', 'RELEASE SAVEPOINT a', 'release'],
  ['postgres', 'RELEASE a', 'release'],
  ['postgres', 'ROLLBACK TO a', 'rollback-to'],
  ['postgres', 'ROLLBACK WORK TO SAVEPOINT a', 'rollback-to'],
  ['postgres', "PREPARE TRANSACTION 'x'", 'prepare'],
  ['postgres', "COMMIT PREPARED 'x'", undefined],
  ['postgres', "ROLLBACK PREPARED 'x'", undefined],
  ['mysql', 'START TRANSACTION WITH CONSISTENT SNAPSHOT', 'begin'],
  ['mysql', 'BEGIN', 'begin'],
  ['mysql', "XA START 'x'", undefined],
  ['sqlite', 'BEGIN IMMEDIATE', 'begin'],
  ['sqlite', 'BEGIN TRANSACTION', 'begin'],
  ['sqlite', 'END', 'commit'],
  ['sqlite', 'ROLLBACK TRANSACTION TO SAVEPOINT a', 'rollback-to'],
  ['generic', 'BEGIN TRAN', 'begin'],
  ['generic', 'BEGIN DISTRIBUTED TRANSACTION', 'begin'],
  ['generic', 'COMMIT TRANSACTION a', 'commit'],
  ['generic', 'SAVE TRANSACTION a', 'savepoint'],
  ['generic', 'ROLLBACK TRANSACTION a', 'rollback-to'],
]

const HEADS: readonly (readonly [SqlDialect, string, string])[] = [
  ['postgres', "UPDATE  a\nSET b = 'secret', c=42", 'UPDATE a SET b = ?, c=?'],
  ['postgres', "SELECT /* secret */ $tag$secret$tag$, E'x'", 'SELECT ?, ?'],
  ['postgres', 'DELETE FROM "a"."b" WHERE "c" = $1', 'DELETE FROM "a"."b" WHERE ? = $1'],
  [
    'postgres',
    'SELECT "c"."id" AS "c_id" FROM "comment" "c"',
    'SELECT "c"."id" AS "c_id" FROM "comment" ?',
  ],
  ['postgres', 'SELECT a IS DISTINCT FROM "secret"', 'SELECT a IS DISTINCT FROM ?'],
  ['postgres', 'ALTER ROLE a PASSWORD secret', 'ALTER ROLE a PASSWORD'],
  ['postgres', 'SET a.b TO secret', 'SET a.b TO'],
  ['mysql', 'SELECT "secret" FROM `a` WHERE b = "secret"', 'SELECT ? FROM `a` WHERE b = ?'],
  ['mysql', 'SELECT TRIM(BOTH "x" FROM "secret")', 'SELECT TRIM(BOTH ? FROM ?)'],
  ['mysql', "INSERT INTO a VALUES ('C:\\', 'secret')", 'INSERT INTO a VALUES (?'],
  ['mysql', 'SELECT 0xC0FFEE, 1e5', 'SELECT ?, ?'],
  ['sqlite', 'UPDATE "a" SET "b" = "secret"', 'UPDATE "a" SET ? = ?'],
  ['sqlite', 'PRAGMA key = secret', 'PRAGMA key ='],
  ['sqlite', 'PRAGMA key(secret)', 'PRAGMA key('],
  ['generic', 'ALTER USER a IDENTIFIED BY secret', 'ALTER USER a IDENTIFIED'],
  ['generic', "DELETE FROM [dbo].[a] WHERE b = N'secret'", 'DELETE FROM [dbo].[a] WHERE b = N?'],
]

/** `BEGIN transaction, UPDATE write` */
function outline(sql: string, dialect: SqlDialect): string {
  return readStatements(sql, dialect)
    .map(({ verb, effect }) => `${verb} ${effect}`)
    .join(', ')
}

describe('readStatements()', () => {
  describe('knows what happens to the transaction at', () => {
    for (const [dialect, sql, control] of CONTROLS) {
      it(`${dialect}: ${sql}`, () => {
        const [statement] = readStatements(sql, dialect)

        expect(statement).to.include({ effect: 'transaction' })
        expect(statement?.control).to.equal(control)
      })
    }
  })

  describe('keeps values out of the head of', () => {
    for (const [dialect, sql, head] of HEADS) {
      it(`${dialect}: ${sql.replaceAll('\n', ' ')}`, () => {
        expect(readStatements(sql, dialect)[0]?.head).to.equal(head)
      })
    }

    it('a statement of any length', () => {
      const [statement] = readStatements(`SELECT ${'a, '.repeat(1000)} b`, 'postgres')

      expect(statement?.head).to.have.length(80)
    })
  })

  it('reports every statement of a text', () => {
    const sql = "BEGIN; UPDATE a SET b = ';'; SELECT 1;; COMMIT; -- ; DELETE FROM c"

    expect(outline(sql, 'postgres')).to.equal(
      'BEGIN transaction, UPDATE write, SELECT read, COMMIT transaction',
    )
  })

  it('answers nothing for a text without statements', () => {
    expect(readStatements(' ; -- nothing\n;/* here */', 'postgres')).to.deep.equal([])
  })

  for (const dialect of ['mysql', 'sqlite', 'generic'] as const) {
    it(`takes a trigger and its body for one statement on ${dialect}`, () => {
      const sql = `CREATE TRIGGER t AFTER DELETE ON a FOR EACH ROW BEGIN
        UPDATE b SET c = CASE WHEN OLD.end THEN 1 ELSE 2 END;
        DELETE FROM d;
      END; DELETE FROM e; COMMIT`

      expect(outline(sql, dialect)).to.equal('CREATE read, DELETE write, COMMIT transaction')
    })
  }

  it('takes nested blocks for part of the routine', () => {
    const sql = `CREATE PROCEDURE p() BEGIN
      IF a THEN BEGIN DELETE FROM b; END; END IF;
      WHILE a DO SET a = 0; END WHILE;
      CASE a WHEN 1 THEN SELECT 1; END CASE;
    END; SELECT 2`

    expect(outline(sql, 'mysql')).to.equal('CREATE read, SELECT read')
  })

  it('takes the end of a block outside a routine for no COMMIT', () => {
    const sql = 'CREATE TRIGGER t AFTER DELETE ON a FOR EACH ROW IF x THEN SET @a = 1; END IF'

    expect(readStatements(sql, 'mysql').map(({ control }) => control)).to.deep.equal([
      undefined,
      undefined,
    ])
  })

  it('counts a table named begin as no block', () => {
    const sql = 'CREATE TABLE a (begin int); DELETE FROM b'

    expect(outline(sql, 'postgres')).to.equal('CREATE read, DELETE write')
  })

  it('names every path once and keeps its case', () => {
    const [statement] = readStatements(
      'DELETE FROM "B"."C" USING a WHERE a.x = "B"."C"',
      'postgres',
    )

    expect(statement?.names).to.deep.equal([['DELETE'], ['B', 'C'], ['USING'], ['a'], ['a', 'x']])
  })

  it('leaves out of the names what no table can be called unquoted', () => {
    const [statement] = readStatements('SELECT * FROM "select" WHERE NOT a', 'postgres')

    expect(statement?.names).to.deep.equal([['select'], ['a']])
  })
})
