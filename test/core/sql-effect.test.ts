import { expect } from 'chai'
import { isPlainRead, readStatements, type SqlStatement } from '../../src/core/sql-statement'
import type { SqlDialect } from '../../src/core/sql-tokens'

/** Dialect, statement, and the tables it must name (dots part the path). */
type Case = readonly [SqlDialect, string, string]

const WRITES: readonly Case[] = [
  ['postgres', 'INSERT INTO comment (text) VALUES ($1)', 'comment'],
  ['postgres', 'insert into "comment" values (1) on conflict do nothing', 'comment'],
  ['postgres', 'INSERT INTO "blog"."comment" SELECT * FROM "draft"', 'blog.comment draft'],
  ['postgres', 'UPDATE ONLY public.comment AS c SET text = $1', 'public.comment'],
  [
    'postgres',
    'UPDATE comment SET a = 1 FROM article WHERE article.id = comment.a',
    'comment article',
  ],
  ['postgres', 'DELETE FROM "Comment" USING article', 'Comment article'],
  ['postgres', 'ALTER DEFAULT PRIVILEGES GRANT EXECUTE ON FUNCTIONS TO a', ''],
  ['postgres', 'INSERT INTO call (id) VALUES (1)', 'call'],
  ['postgres', 'UPDATE call SET a = 1', 'call'],
  ['postgres', 'TRUNCATE comment, vote CASCADE', 'comment vote'],
  ['postgres', 'TRUNCATE TABLE comment RESTART IDENTITY', 'comment'],
  ['postgres', 'MERGE INTO comment c USING s ON true WHEN MATCHED THEN DELETE', 'comment s'],
  ['postgres', 'WITH gone AS (DELETE FROM comment RETURNING *) SELECT * FROM gone', 'comment'],
  ['postgres', 'WITH a AS MATERIALIZED (UPDATE comment SET x = 1 RETURNING 1) TABLE a', 'comment'],
  ['postgres', 'WITH a AS (SELECT 1) INSERT INTO comment SELECT * FROM a', 'comment'],
  ['postgres', 'WITH a AS (SELECT 1), b AS (SELECT 2) DELETE FROM comment', 'comment'],
  [
    'postgres',
    'WITH RECURSIVE t AS (SELECT 1) CYCLE id SET c USING p UPDATE comment SET x = 1',
    'comment',
  ],
  ['postgres', 'WITH update AS (INSERT INTO comment VALUES (1) RETURNING 1) SELECT 1', 'comment'],
  ['postgres', '(WITH a AS (DELETE FROM comment RETURNING 1) SELECT * FROM a)', 'comment'],
  ['postgres', 'EXPLAIN ANALYZE DELETE FROM comment', 'comment'],
  ['postgres', 'EXPLAIN (ANALYZE, BUFFERS) UPDATE comment SET a = 1', 'comment'],
  ['postgres', 'EXPLAIN ANALYZE VERBOSE INSERT INTO comment VALUES (1)', 'comment'],
  ['postgres', 'COPY comment FROM STDIN', 'comment'],
  ['postgres', 'COPY comment (id, text) FROM $$/tmp/x$$ WITH (FORMAT csv)', 'comment'],
  ['postgres', 'COPY (DELETE FROM comment RETURNING *) TO STDOUT', 'comment'],
  ['postgres', 'SELECT * INTO comment FROM draft', 'comment draft'],
  ['postgres', 'DROP TABLE comment', 'comment'],
  ['postgres', 'ALTER TABLE comment DROP COLUMN text', 'comment'],
  ['postgres', 'REFRESH MATERIALIZED VIEW CONCURRENTLY top_comment', 'top_comment'],
  ['postgres', 'CREATE OR REPLACE VIEW top_comment AS SELECT 1', 'top_comment'],
  ['postgres', 'PREPARE p AS DELETE FROM comment', 'comment'],
  ['postgres', '/* SELECT */ -- SELECT\n DELETE FROM comment', 'comment'],
  ['postgres', 'DELETE/**/FROM/**/comment', 'comment'],
  ['postgres', 'delete from"comment"', 'comment'],
  ['postgres', 'DELETE FROM U&"comm\\0065nt"', 'comment'],
  ['postgres', 'DELETE FROM größe', 'größe'],
  ['postgres', 'DELETE FROM "a""b"', 'a"b'],
  ['postgres', 'DELETE FROM db . public . comment', 'db.public.comment'],
  ['postgres', 'SELECT * FROM [DELETE FROM comment RETURNING id]', 'comment'],
  ['postgres', 'UPSERT INTO comment VALUES (1)', 'comment'],
  ['mysql', 'INSERT IGNORE `comment` VALUES (1)', 'comment'],
  ['mysql', 'INSERT INTO comment SET a = 1 ON DUPLICATE KEY UPDATE a = 2', 'comment'],
  ['mysql', 'INSERT INTO `blog`.`comment`(`id`) VALUES (DEFAULT)', 'blog.comment'],
  ['mysql', 'REPLACE INTO comment VALUES (1)', 'comment'],
  ['mysql', 'REPLACE comment SET a = 1', 'comment'],
  ['mysql', 'REPLACE LOW_PRIORITY INTO comment VALUES (1)', 'comment'],
  ['mysql', 'UPDATE LOW_PRIORITY comment, vote SET a = 1', 'comment vote'],
  ['mysql', 'UPDATE (comment JOIN vote USING (id)) SET a = 1', 'comment vote'],
  ['mysql', 'DELETE c, v FROM comment c JOIN vote v', 'comment vote'],
  ['mysql', 'DELETE QUICK FROM comment', 'comment'],
  ['mysql', 'DELETE FROM "comment"', 'comment'],
  ['mysql', "LOAD DATA INFILE '/x' INTO TABLE comment", 'comment'],
  ['mysql', '/*!40000 ALTER TABLE `comment` DISABLE KEYS */', 'comment'],
  ['mysql', '/*!50001 DELETE FROM comment */', 'comment'],
  ['mysql', '/*M! DELETE */ FROM comment', 'comment'],
  ['mysql', 'WITH a AS (SELECT 1) UPDATE comment JOIN a SET x = 1', 'comment'],
  ['mysql', 'EXPLAIN ANALYZE DELETE FROM comment', 'comment'],
  ['mysql', 'ANALYZE FORMAT=JSON DELETE FROM comment', 'comment'],
  ['mysql', 'SET STATEMENT max_statement_time = 1 FOR UPDATE comment SET a = 1', 'comment'],
  ['mysql', 'SET STATEMENT max_statement_time = 1 FOR DELETE FROM comment', 'comment'],
  ['mysql', 'RENAME TABLE comment TO old, new TO comment', 'comment'],
  ['mysql', 'CREATE OR REPLACE TABLE comment (id int)', 'comment'],
  ['mysql', 'DELETE FROM 2fa', '2fa'],
  ['mysql', 'TRUNCATE `comment`', 'comment'],
  ['mysql', "UPDATE comment SET a = 'it\\'s' # SELECT", 'comment'],
  ['sqlite', 'INSERT OR REPLACE INTO comment VALUES (1)', 'comment'],
  ['sqlite', 'REPLACE INTO comment VALUES (1)', 'comment'],
  ['sqlite', 'UPDATE OR IGNORE comment SET a = 1', 'comment'],
  ['sqlite', "UPDATE 'comment' SET a = 1", 'comment'],
  ['sqlite', 'DELETE FROM [comment]', 'comment'],
  ['sqlite', 'DELETE FROM main.`comment`', 'main.comment'],
  ['sqlite', 'WITH a AS (SELECT 1) DELETE FROM comment WHERE id IN a', 'comment'],
  ['sqlite', 'DROP TABLE IF EXISTS comment', 'comment'],
  ['generic', 'DELETE comment WHERE id = 1', 'comment'],
  ['generic', 'DELETE TOP (10) FROM [dbo].[comment]', 'dbo.comment'],
  ['generic', 'UPDATE c SET a = 1 FROM blog..comment c', 'blog.comment'],
  ['generic', 'MERGE comment AS t USING s ON t.id = s.id WHEN MATCHED THEN DELETE;', 'comment'],
  ['generic', 'SELECT 1 DELETE FROM comment', 'comment'],
  ['generic', 'SELECT a FROM b WHERE c = @p UPDATE comment SET a = 1', 'comment'],
  ['generic', "SELECT 'a'DELETE FROM comment", 'comment'],
  ['generic', 'SET NOCOUNT ON DELETE FROM comment', 'comment'],
  ['generic', 'SET IDENTITY_INSERT comment ON INSERT INTO comment (id) VALUES (1)', 'comment'],
  ['generic', 'BEGIN TRAN DELETE FROM comment COMMIT', 'comment'],
  ['generic', 'IF EXISTS (SELECT 1) DELETE FROM comment', 'comment'],
  ['generic', 'BULK INSERT comment FROM $x', 'comment'],
  ['generic', 'BEGIN DELETE FROM comment', 'comment'],
  ['generic', 'SELECT * INTO #t FROM comment', 'comment'],
]

const READS: readonly Case[] = [
  ['postgres', 'SELECT * FROM comment', 'comment'],
  ['postgres', 'SELECT * FROM a, "b" JOIN c.d ON true', 'a b c.d'],
  ['postgres', 'SELECT * FROM comment FOR UPDATE', 'comment'],
  ['postgres', 'SELECT * FROM comment FOR NO KEY UPDATE OF comment SKIP LOCKED', 'comment'],
  ['postgres', 'SELECT "update", t.delete, insert FROM comment t', 'comment'],
  ['postgres', 'SELECT a AS update FROM comment', 'comment'],
  ['postgres', "SELECT replace(text, 'DELETE FROM x', 'y') FROM comment", 'comment'],
  ['postgres', 'SELECT 1 FROM comment WHERE delete = true AND update > 1', 'comment'],
  ['postgres', 'SELECT count(truncate) FROM update', 'update'],
  ['postgres', 'SELECT call.id FROM call JOIN execute ON true', 'call execute'],
  ['postgres', "SELECT 'DELETE FROM a; DELETE FROM b' FROM comment", 'comment'],
  ['postgres', 'SELECT $$ DELETE FROM a; $$, $x$ UPDATE b $x$', ''],
  ['postgres', 'SELECT 1 -- ; DELETE FROM a', ''],
  ['postgres', 'SELECT 1 /* ; /* nested */ DELETE FROM a */', ''],
  ['postgres', "SELECT E'\\'; DELETE FROM a'", ''],
  ['postgres', '(SELECT a FROM b) UNION ALL (SELECT c FROM d)', 'b d'],
  ['postgres', 'WITH a AS (SELECT * FROM comment) SELECT * FROM a', 'comment'],
  ['postgres', 'WITH "a"("x") AS (SELECT 1), "b"("y") AS (SELECT 2) SELECT * FROM "a", "b"', 'a b'],
  ['postgres', 'WITH delete AS (SELECT 1) SELECT * FROM delete', 'delete'],
  ['postgres', 'VALUES (1), (2)', ''],
  ['postgres', 'TABLE comment', 'comment'],
  ['postgres', 'EXPLAIN DELETE FROM comment', 'comment'],
  ['postgres', 'EXPLAIN (ANALYZE) SELECT * FROM comment', 'comment'],
  ['postgres', 'COPY comment TO STDOUT', 'comment'],
  ['postgres', 'COPY (SELECT * FROM comment) TO STDOUT', 'comment'],
  [
    'postgres',
    'CREATE TABLE v (c int REFERENCES comment ON DELETE CASCADE ON UPDATE CASCADE)',
    'v',
  ],
  ['postgres', 'CREATE TEMP TABLE v (a int) ON COMMIT DROP', 'v'],
  ['postgres', 'CREATE TEMP TABLE v (a int) ON COMMIT DELETE ROWS', 'v'],
  ['postgres', 'CREATE TABLE v AS SELECT * FROM comment', 'v comment'],
  ['postgres', 'CREATE INDEX i ON comment (lower(text), shown(text))', 'comment'],
  ['postgres', 'CREATE VIEW v AS SELECT shown(text) AS delete FROM comment', 'v comment'],
  ['postgres', 'CREATE TABLE v (a money(3), b int DEFAULT shown(1), CHECK (shown(a)))', 'v'],

  ['postgres', 'CREATE TRIGGER t AFTER INSERT OR UPDATE OR DELETE ON c EXECUTE FUNCTION f()', 'c'],
  [
    'postgres',
    'CREATE OR REPLACE FUNCTION f() RETURNS int LANGUAGE sql AS $$ DELETE FROM c $$',
    '',
  ],
  ['postgres', 'CREATE FUNCTION f() RETURNS int BEGIN ATOMIC DELETE FROM c; SELECT 1; END', 'c'],
  ['postgres', 'CREATE RULE r AS ON DELETE TO c DO ALSO (DELETE FROM d; DELETE FROM e)', 'c'],
  ['postgres', 'CREATE POLICY p ON c FOR DELETE USING (true)', 'c'],
  ['postgres', 'GRANT SELECT, INSERT, UPDATE, DELETE ON comment TO someone', 'comment'],
  ['postgres', 'SET search_path TO blog', ''],
  ['postgres', 'SHOW server_version', ''],
  ['postgres', 'LISTEN delete', ''],
  ['postgres', 'ANALYZE comment', 'comment'],
  ['postgres', 'VACUUM comment', 'comment'],
  ['postgres', "COMMENT ON COLUMN comment.update IS 'x'", 'comment.update'],
  ['postgres', 'DECLARE c CURSOR FOR SELECT * FROM comment', 'comment'],
  ['postgres', 'LOCK TABLE comment IN ROW EXCLUSIVE MODE', 'comment'],
  ['postgres', 'SELECT * FROM pg_catalog.pg_get_keywords()', ''],
  ['postgres', 'SELECT nextval($1), now(), json_build_object($2, id) FROM comment', 'comment'],
  ['postgres', 'SELECT 1 FROM comment WHERE score(comment.id) > 1', 'comment'],
  ['postgres', 'SELECT score(7)', ''],
  ['postgres', 'SELECT 1, blog.score (id) FROM comment', 'comment'],
  ['postgres', 'SELECT (score(7)).*', ''],
  ['postgres', 'CREATE TABLE v AS SELECT score(7)', 'v'],
  ['postgres', 'CREATE MATERIALIZED VIEW v AS SELECT score(7)', 'v'],
  ['postgres', 'SELECT * FROM score(7) AS a', ''],
  ['postgres', 'SELECT * FROM a, LATERAL "score"(a.id)', 'a'],
  ['postgres', 'SELECT * FROM ROWS FROM (score(7))', ''],
  ['mysql', 'SELECT score(7)', ''],
  ['generic', 'SELECT * FROM TABLE (score(7))', ''],
  ['postgres', 'SELECT data ? $1, data @> $2 FROM comment', 'comment'],
  [
    'mysql',
    'SELECT INSERT(a, 1, 2, b), REPLACE(a, b, c), TRUNCATE(1.5, 1) FROM comment',
    'comment',
  ],
  ['mysql', 'SELECT * FROM comment LOCK IN SHARE MODE', 'comment'],
  ['mysql', "SELECT 'a\\'; DELETE FROM b; -- ' FROM comment", 'comment'],
  ['mysql', 'SELECT "; DELETE FROM b" FROM comment', 'comment'],
  ['mysql', 'SELECT 1 # ; DELETE FROM a', ''],
  ['mysql', 'SELECT 5--1 FROM comment', 'comment'],
  ['mysql', 'SELECT /*+ NO_INDEX(c) */ * FROM comment c', 'comment'],
  ['mysql', 'SHOW CREATE TABLE comment', 'comment'],
  ['mysql', 'DESCRIBE comment', 'comment'],
  ['mysql', 'EXPLAIN UPDATE comment SET a = 1', 'comment'],
  ['mysql', 'SET NAMES utf8mb4', ''],
  ['mysql', 'USE blog', ''],
  ['mysql', 'ANALYZE TABLE comment', 'comment'],
  ['mysql', 'CREATE TRIGGER t BEFORE DELETE ON c FOR EACH ROW BEGIN DELETE FROM d; END', 'c'],
  ['mysql', 'CREATE TABLE v (a timestamp ON UPDATE CURRENT_TIMESTAMP)', 'v'],
  ['mysql', 'CREATE PROCEDURE p() BEGIN IF a THEN DELETE FROM c; END IF; SELECT 1; END', 'c'],
  ['sqlite', 'PRAGMA foreign_keys = ON', ''],
  ['sqlite', "PRAGMA table_info('comment')", 'comment'],
  ['sqlite', "SELECT * FROM 'comment'", 'comment'],
  ['sqlite', 'EXPLAIN QUERY PLAN DELETE FROM comment', 'comment'],
  [
    'sqlite',
    'CREATE TRIGGER t DELETE ON c BEGIN DELETE FROM d; SELECT CASE 1 WHEN 1 THEN 2 END; END',
    'c',
  ],
  ['sqlite', 'SELECT anything(1)', ''],
  ['sqlite', "ATTACH DATABASE 'x' AS blog", 'blog'],
  ['generic', 'SELECT TOP (10) * FROM [comment] WITH (NOLOCK)', 'comment'],
  ['generic', 'SELECT * FROM a INNER MERGE JOIN b ON a.id = b.id', 'a b'],
  ['generic', 'SELECT * FROM a OPTION (MERGE JOIN)', 'a'],
  ['generic', 'SET NOCOUNT ON', ''],
]

const UNKNOWN: readonly Case[] = [
  ['postgres', 'CALL archive(7)', ''],
  [
    'postgres',
    "DO $$ BEGIN DELETE FROM comment; EXECUTE 'UPDATE vote SET a = 1'; END $$",
    'comment vote',
  ],
  ['postgres', 'EXECUTE p(1)', ''],
  ['postgres', 'EXPLAIN ANALYZE EXECUTE p', ''],
  ['postgres', 'IMPORT FOREIGN SCHEMA a FROM SERVER b INTO c', ''],
  ['postgres', "SELECT 'never closed", ''],
  ['postgres', 'SELECT 1 /* never closed', ''],
  ['postgres', 'FROBNICATE comment', 'comment'],
  ['postgres', '"comment"', 'comment'],
  ['postgres', 'BEGIN DELETE', ''],
  ['mysql', 'CALL archive(7)', ''],
  ['mysql', 'DO archive(7)', ''],
  ['mysql', "EXECUTE IMMEDIATE 'DELETE FROM comment'", 'comment'],
  ['mysql', 'BEGIN NOT ATOMIC CALL archive(7)', ''],
  ['mysql', 'END IF', ''],
  ['mysql', "SELECT 'C:\\', 'DELETE FROM comment'", 'comment'],
  ['sqlite', 'CREATE TRIGGER t DELETE ON c BEGIN DELETE FROM d; SELECT 1', 'c'],
  ['generic', 'EXEC archive 7', ''],
  ['generic', "EXEC('DELETE FROM comment')", 'comment'],
  ['generic', 'SELECT 1 EXEC archive', ''],
  ['generic', 'END', ''],
  ['generic', 'DELETE FROM comment EXEC archive', 'comment'],
  ['generic', 'WHILE 1 = 1 EXEC archive', ''],
  ['generic', 'IF 1 = 1 PRINT 1', ''],
  ['postgres', "DELETE FROM comment WHERE text = 'never closed", 'comment'],
]

const PLAIN: readonly (readonly [SqlDialect, string])[] = [
  ['postgres', 'SELECT * FROM "comment" WHERE "id" IN ($1, $2) AND ("text" = $3)'],
  ['postgres', '(SELECT COUNT(DISTINCT("c"."id")) AS "cnt" FROM "comment" "c")'],
  ['postgres', 'SELECT * FROM "comment" FOR UPDATE'],
  ['mysql', 'SELECT `c`.`updatedAt` FROM `comment` `c` WHERE LOWER(`c`.`text`) LIKE ?'],
  ['sqlite', '  select "updatedAt" from "comment" where anything(1)'],
  ['postgres', 'SELECT "geo"."distance"(c.place, $1), score(c.id) FROM comment c'],
  ['mysql', 'SELECT `blog`.`score`(`id`) FROM `comment`'],
  ['generic', 'SELECT "c"."updatedAt" FROM "comment" "c" WHERE "c"."id" = @0'],
]

const DIALECTS: readonly SqlDialect[] = ['postgres', 'mysql', 'sqlite', 'generic']

function only(sql: string, dialect: SqlDialect): SqlStatement {
  const statements = readStatements(sql, dialect)
  expect(statements).to.have.length(1)
  const [statement] = statements
  if (!statement) throw new Error('no statement')
  return statement
}

function itReads(effect: SqlStatement['effect'], cases: readonly Case[]): void {
  for (const [dialect, sql, tables] of cases) {
    it(`${dialect}: ${sql.replaceAll('\n', ' ')}`, () => {
      const statement = only(sql, dialect)

      expect(statement.effect).to.equal(effect)
      const named = statement.names.map((path) => path.join('.'))
      expect(named).to.include.members(tables.split(' ').filter((table) => table !== ''))
    })
  }
}

describe('readStatements()', () => {
  describe('sees a write in', () => itReads('write', WRITES))
  describe('sees a read in', () => itReads('read', READS))
  describe('sees something unknown in', () => itReads('unknown', UNKNOWN))
})

describe('isPlainRead()', () => {
  for (const [dialect, sql] of PLAIN) {
    it(`lets pass on ${dialect}: ${sql.trim()}`, () => {
      expect(isPlainRead(sql, dialect)).to.equal(true)
    })
  }

  for (const [dialect, sql] of [...WRITES, ...UNKNOWN].filter(([, sql]) => !sql.includes("'C:"))) {
    it(`holds back on ${dialect}: ${sql.replaceAll('\n', ' ')}`, () => {
      // Nothing that is written can hide in a string that never ends.
      const plain = isPlainRead(sql, dialect) && !sql.includes('never closed')

      expect(plain).to.equal(false)
      expect(isPlainRead(sql) && !sql.includes('never closed')).to.equal(false)
    })
  }

  it('calls nothing a plain read that could be two statements', () => {
    for (const dialect of DIALECTS)
      expect(isPlainRead('SELECT 1; SELECT 2', dialect)).to.equal(false)
  })
})
