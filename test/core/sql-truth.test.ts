import { expect } from 'chai'
import { createConnection, type Connection, type RowDataPacket } from 'mysql2/promise'
import { Client } from 'pg'
import { DataSource, type QueryRunner } from 'typeorm'
import { isPlainRead, readStatements } from '../../src/core/sql-statement'
import type { SqlDialect } from '../../src/core/sql-tokens'
import { describeWith, sqljs } from '../support/services'

/** Whether any statement of the text is said to write, or may. */
function isReported(sql: string, dialect: SqlDialect): boolean {
  return readStatements(sql, dialect).some(
    ({ effect }) => effect === 'write' || effect === 'unknown',
  )
}

/** The statement changed rows, and nobody may have been told otherwise. */
function expectSeen(sql: string, dialect: SqlDialect): void {
  expect(isReported(sql, dialect)).to.equal(true)
  expect(isPlainRead(sql, dialect)).to.equal(false)
  expect(isPlainRead(sql)).to.equal(false)
}

const POSTGRES_SETUP = `
  CREATE TABLE article (id int PRIMARY KEY, title text);
  CREATE TABLE comment (id int PRIMARY KEY, text text, article int REFERENCES article ON DELETE CASCADE);
  CREATE TABLE draft (id int PRIMARY KEY, text text);
  CREATE VIEW article_view AS SELECT id, title FROM article;
  CREATE MATERIALIZED VIEW article_count AS SELECT count(*) AS n FROM article;
  CREATE FUNCTION archive(n int) RETURNS int LANGUAGE sql AS $$ DELETE FROM comment WHERE id = n RETURNING id $$;
  CREATE PROCEDURE purge() LANGUAGE plpgsql AS $$ BEGIN DELETE FROM comment; END $$;
  CREATE TABLE watched (id int);
  CREATE RULE r AS ON INSERT TO watched DO ALSO DELETE FROM comment;
  INSERT INTO article VALUES (1, 'a'), (2, 'b');
  INSERT INTO comment VALUES (1, 'x', 1), (2, 'y', 2);
  INSERT INTO draft VALUES (3, 'z');
  REFRESH MATERIALIZED VIEW article_count;
  INSERT INTO article VALUES (3, 'c');
  PREPARE gone AS DELETE FROM comment;
`

const POSTGRES_WRITES = [
  `INSERT INTO comment VALUES (9, 'x', 1)`,
  `INSERT INTO comment(id) SELECT id FROM draft`,
  `INSERT INTO comment VALUES (1, 'x', 1) ON CONFLICT (id) DO UPDATE SET text = 'new'`,
  `UPDATE comment SET text = 'select'`,
  `UPDATE ONLY "comment" AS "c" SET text = draft.text FROM draft`,
  `DELETE FROM article`,
  `DELETE FROM comment USING article`,
  `delete/**/from/**/comment`,
  `-- SELECT\nDELETE FROM comment`,
  `/* a /* b */ */ DELETE FROM comment`,
  `DELETE FROM U&"comm\\0065nt"`,
  `TRUNCATE article CASCADE`,
  `MERGE INTO comment c USING draft d ON c.id = d.id WHEN NOT MATCHED THEN INSERT VALUES (d.id)`,
  `WITH a AS (DELETE FROM comment RETURNING *) SELECT * FROM a`,
  `WITH a AS (DELETE FROM comment) SELECT 1`,
  `(WITH a AS (DELETE FROM comment RETURNING 1) SELECT * FROM a)`,
  `WITH a AS NOT MATERIALIZED (UPDATE comment SET text = 'n' RETURNING 1) TABLE a`,
  `WITH a AS (SELECT 1), b AS (INSERT INTO comment VALUES (9) RETURNING 1) SELECT 1 FROM a, b`,
  `WITH a AS (SELECT 1) DELETE FROM comment`,
  `WITH delete AS (DELETE FROM comment RETURNING 1) SELECT * FROM delete`,
  `WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t WHERE n < 2)
     CYCLE n SET c USING p DELETE FROM comment`,
  `EXPLAIN ANALYZE DELETE FROM comment`,
  `EXPLAIN (ANALYZE, COSTS off) UPDATE comment SET text = 'n'`,
  `EXPLAIN (ANALYZE true) WITH a AS (DELETE FROM comment RETURNING 1) SELECT * FROM a`,
  `EXPLAIN ANALYZE EXECUTE gone`,
  `EXECUTE gone`,
  `COPY (DELETE FROM comment RETURNING id) TO STDOUT`,
  `CREATE TABLE copied AS WITH a AS (DELETE FROM comment RETURNING 1) SELECT 1`,
  `DO $$ BEGIN DELETE FROM comment; END $$`,
  `DO 'BEGIN DELETE FROM comment; END'`,
  `CALL purge()`,
  `INSERT INTO watched VALUES (1)`,
  `UPDATE article_view SET title = 'n'`,
  `REFRESH MATERIALIZED VIEW article_count`,
  `ALTER TABLE comment DROP COLUMN text`,
  `DROP TABLE comment CASCADE`,
  `DROP TABLE IF EXISTS comment CASCADE; SELECT 1`,
  `SELECT 1; DELETE FROM comment; SELECT 2`,
  `SELECT ';'; DELETE FROM comment`,
  `SELECT E'\\''; DELETE FROM comment; SELECT ''`,
  `SELECT 'a\\'; DELETE FROM comment; SELECT 'b'`,
  `SELECT $a$ $$ ' $a$; DELETE FROM comment`,
  `SELECT "a""'" FROM (SELECT 1 AS "a""'") b; DELETE FROM comment`,
  `SAVEPOINT a; DELETE FROM comment; RELEASE a`,
  `CREATE FUNCTION f() RETURNS void BEGIN ATOMIC SELECT 1; END; DELETE FROM comment`,
]

const POSTGRES_READS = [
  `SELECT * FROM comment FOR UPDATE`,
  `SELECT * FROM comment FOR NO KEY UPDATE OF comment SKIP LOCKED`,
  `SELECT text AS update, text AS delete FROM comment`,
  `SELECT 'DELETE FROM comment', $$; DELETE FROM comment$$, E'\\'; DELETE FROM comment --'`,
  `SELECT 1 -- ; DELETE FROM comment`,
  `SELECT 1 /* /* */ ; DELETE FROM comment */`,
  `SELECT replace(text, 'x', 'y') FROM comment`,
  `WITH delete AS (SELECT 1) SELECT * FROM delete`,
  `EXPLAIN DELETE FROM comment`,
  `EXPLAIN ANALYZE SELECT * FROM comment`,
  `COPY comment TO STDOUT`,
  `CREATE TABLE made (id int REFERENCES article ON DELETE CASCADE ON UPDATE CASCADE)`,
  `CREATE VIEW made AS SELECT archive(1)`,
  `CREATE TABLE made AS SELECT * FROM comment`,
  `CREATE FUNCTION f() RETURNS void LANGUAGE sql AS $$ DELETE FROM comment $$`,
  `CREATE FUNCTION f() RETURNS int BEGIN ATOMIC DELETE FROM comment; SELECT 1; END`,
  `CREATE RULE s AS ON DELETE TO article DO ALSO (DELETE FROM comment; DELETE FROM draft)`,
  `GRANT INSERT, UPDATE, DELETE ON comment TO public`,
  `LOCK TABLE comment IN ROW EXCLUSIVE MODE`,
  `DECLARE c CURSOR FOR SELECT * FROM comment`,
]

describeWith(['postgres'], 'raw SQL on PostgreSQL', ({ postgres }) => {
  const relations = ['article', 'comment', 'draft', 'article_count']
  let client: Client

  before(async () => {
    client = new Client({ connectionString: postgres.url })
    await client.connect()
    await client.query(POSTGRES_SETUP)
  })
  after(() => client.end())
  afterEach(() => client.query('ROLLBACK'))

  async function rows(): Promise<string> {
    const texts: string[] = []
    for (const relation of relations) {
      const found = await client.query(`SELECT 1 WHERE to_regclass('${relation}') IS NOT NULL`)
      const read = `SELECT * FROM ${relation} ORDER BY 1`
      texts.push(found.rowCount === 0 ? 'gone' : JSON.stringify((await client.query(read)).rows))
    }
    return texts.join()
  }

  async function changesRows(sql: string): Promise<boolean> {
    await client.query('BEGIN')
    const before = await rows()
    await client.query(sql)
    return (await rows()) !== before
  }

  for (const sql of POSTGRES_WRITES) {
    it(`changes rows, and is seen to: ${sql}`, async () => {
      expect(await changesRows(sql)).to.equal(true)
      expectSeen(sql, 'postgres')
    })
  }

  for (const sql of POSTGRES_READS) {
    it(`changes no row, and is not said to: ${sql}`, async () => {
      expect(await changesRows(sql)).to.equal(false)
      expect(isReported(sql, 'postgres')).to.equal(false)
    })
  }

  it('allows writing inside a SELECT nowhere but at its top', async () => {
    // What makes a text that begins with SELECT and has no semicolon a plain read.
    const inside = '(WITH a AS (DELETE FROM comment RETURNING *) SELECT * FROM a)'

    for (const sql of [`SELECT * FROM ${inside} b`, `SELECT 1 UNION ${inside}`]) {
      const refused = await client.query(sql).then(
        () => 'not refused',
        (error: unknown) => String(error),
      )
      expect(refused).to.contain('must be at the top level')
    }
  })
})

const MARIADB_SETUP = `
  DROP TABLE IF EXISTS comment, article, draft;
  CREATE TABLE article (id int PRIMARY KEY, title text);
  CREATE TABLE comment (id int PRIMARY KEY, text text);
  CREATE TABLE draft (id int PRIMARY KEY, text text);
  INSERT INTO article VALUES (1, 'a');
  INSERT INTO comment VALUES (1, 'x'), (2, 'y');
  INSERT INTO draft VALUES (3, 'z');
`

const MARIADB_ROUTINES = [
  'CREATE FUNCTION archive(n int) RETURNS int MODIFIES SQL DATA BEGIN DELETE FROM comment WHERE id = n; RETURN n; END',
  'CREATE PROCEDURE erase() DELETE FROM comment',
]

const MARIADB_WRITES = [
  'INSERT comment SET id = 9',
  'INSERT INTO `comment`(`id`) VALUES (9)',
  "INSERT INTO comment VALUES (1, 'x') ON DUPLICATE KEY UPDATE text = 'n'",
  "REPLACE comment VALUES (1, 'n')",
  'UPDATE LOW_PRIORITY comment, draft SET comment.text = draft.text',
  "UPDATE (comment JOIN draft) SET comment.text = 'n'",
  'DELETE QUICK FROM comment',
  'DELETE c FROM comment c JOIN article',
  'DELETE/**/FROM/**/comment',
  '# SELECT\nDELETE FROM comment',
  '/*!50001 DELETE FROM comment */',
  '/*M!100100 DELETE */ FROM comment',
  'SELECT 5--1; DELETE FROM comment',
  "SELECT 'a\\'; b'; DELETE FROM comment",
  'SELECT "a\\"; b"; DELETE FROM comment',
  'TRUNCATE comment',
  'ANALYZE FORMAT=JSON DELETE FROM comment',
  'ANALYZE UPDATE comment SET text = NULL',
  'SET STATEMENT max_statement_time = 10 FOR DELETE FROM comment',
  'SET STATEMENT max_statement_time = 10 FOR UPDATE comment SET text = NULL',
  'RENAME TABLE comment TO draft2, draft TO comment, draft2 TO draft',
  'CREATE OR REPLACE TABLE comment (id int)',
  'ALTER TABLE comment DROP COLUMN text',
  'DROP TABLE comment',
  'CALL erase()',
  'DO archive(1)',
  "EXECUTE IMMEDIATE 'DELETE FROM comment'",
  "PREPARE p FROM 'DELETE FROM comment'; EXECUTE p",
  'BEGIN NOT ATOMIC DELETE FROM comment; END',
  'BEGIN NOT ATOMIC CALL erase(); END',
  'CREATE TRIGGER t BEFORE INSERT ON draft FOR EACH ROW BEGIN SET @a = 1; END; DELETE FROM comment',
  'CREATE TABLE 2fa (id int); DELETE FROM comment; DROP TABLE 2fa',
]

const MARIADB_READS = [
  'SELECT * FROM comment FOR UPDATE',
  "SELECT INSERT(text, 1, 1, 'y'), REPLACE(text, 'x', 'y'), TRUNCATE(1.5, 0) FROM comment",
  "SELECT 'a\\'; DELETE FROM comment; --'",
  'SELECT "; DELETE FROM comment"',
  'SELECT 1 # ; DELETE FROM comment',
  'EXPLAIN DELETE FROM comment',
  'SHOW CREATE TABLE comment',
  'WITH a AS (SELECT 1) SELECT * FROM a',
  'CREATE TRIGGER t BEFORE DELETE ON draft FOR EACH ROW BEGIN DELETE FROM comment; END',
]

describeWith(['mariadb'], 'raw SQL on MariaDB', ({ mariadb }) => {
  let connection: Connection

  before(async () => {
    connection = await createConnection({ uri: mariadb.url, multipleStatements: true })
    for (const routine of MARIADB_ROUTINES) await connection.query(routine)
  })
  after(() => connection.end())
  beforeEach(() => connection.query(MARIADB_SETUP))

  async function rows(): Promise<string> {
    const [all] = await connection
      .query<RowDataPacket[]>('SELECT * FROM comment ORDER BY 1')
      .catch(() => ['gone'])
    return JSON.stringify(all)
  }

  async function changesRows(sql: string): Promise<boolean> {
    const before = await rows()
    await connection.query(sql)
    return (await rows()) !== before
  }

  for (const sql of MARIADB_WRITES) {
    it(`changes rows, and is seen to: ${sql}`, async () => {
      expect(await changesRows(sql)).to.equal(true)
      expectSeen(sql, 'mysql')
    })
  }

  for (const sql of MARIADB_READS) {
    it(`changes no row, and is not said to: ${sql}`, async () => {
      expect(await changesRows(sql)).to.equal(false)
      expect(isReported(sql, 'mysql')).to.equal(false)
    })
  }
})

const SQLITE_WRITES = [
  "INSERT OR REPLACE INTO comment VALUES (1, 'n')",
  "REPLACE INTO [comment] VALUES (1, 'n')",
  "UPDATE OR IGNORE main.`comment` SET text = 'n'",
  "UPDATE 'comment' SET text = 1",
  "DELETE FROM 'main'.'comment'",
  'DELETE/**/FROM"comment"',
  "-- it's\rnothing\nDELETE FROM comment",
  'WITH a AS (SELECT 1) DELETE FROM comment',
  'DROP TABLE comment',
  'ALTER TABLE comment RENAME TO c',
]

const SQLITE_READS = [
  "SELECT * FROM 'comment'",
  "SELECT replace(text, '; DELETE FROM comment', '') FROM comment",
  'EXPLAIN QUERY PLAN DELETE FROM comment',
  'CREATE TRIGGER t DELETE ON comment BEGIN DELETE FROM comment; SELECT CASE 1 WHEN 1 THEN 2 END; END',
  'PRAGMA table_info(comment)',
]

describe('raw SQL on SQLite', () => {
  let dataSource: DataSource
  let runner: QueryRunner

  beforeEach(async () => {
    dataSource = await new DataSource(sqljs()).initialize()
    runner = dataSource.createQueryRunner()
    await runner.query('CREATE TABLE comment (id INTEGER PRIMARY KEY, text TEXT)')
    await runner.query("INSERT INTO comment VALUES (1, 'x')")
  })
  afterEach(() => dataSource.destroy())

  async function changesRows(sql: string): Promise<boolean> {
    const read = 'SELECT * FROM comment ORDER BY 1'
    const before = JSON.stringify(await runner.query(read))
    await runner.query(sql)
    const after = await runner.query(read).catch(() => 'gone')
    return JSON.stringify(after) !== before
  }

  for (const sql of SQLITE_WRITES) {
    it(`changes rows, and is seen to: ${sql}`, async () => {
      expect(await changesRows(sql)).to.equal(true)
      expectSeen(sql, 'sqlite')
    })
  }

  for (const sql of SQLITE_READS) {
    it(`changes no row, and is not said to: ${sql}`, async () => {
      expect(await changesRows(sql)).to.equal(false)
      expect(isReported(sql, 'sqlite')).to.equal(false)
    })
  }
})
