import { expect } from 'chai'
import { sourcesOf } from '../../src/core/sql-tables'

/** `a.b, c` and, behind a bar, functions. */
function shown(sql: string, dialect: Parameters<typeof sourcesOf>[1] = 'postgres'): string {
  const sources = sourcesOf(sql, dialect)
  if (sources === undefined) return 'unknown'
  const tables = sources.tables.map((path) => path.join('.')).join(', ')
  return sources.functions.length === 0 ? tables : `${tables} | ${sources.functions.join(', ')}`
}

const READS: readonly (readonly [sql: string, tables: string])[] = [
  ['SELECT 1', ''],
  ['SELECT * FROM comment', 'comment'],
  ['SELECT "c"."id" AS "c_id" FROM "comment" "c" WHERE "c"."id" IN ($1)', 'comment'],
  [
    'SELECT * FROM "blog"."comment" c, Article AS a, LATERAL (SELECT 1 FROM vote) v',
    'blog.comment, article, vote',
  ],
  [
    'SELECT * FROM a LEFT JOIN b ON a.x = b.y AND b.z IN (1, 2) INNER JOIN c USING (id), d',
    'a, b, c, d',
  ],
  ['SELECT * FROM (a JOIN b ON a.x = b.x) JOIN (SELECT * FROM c) c2 ON true', 'a, b, c'],
  ['SELECT (SELECT count(*) FROM vote v WHERE v.c = c.id), name FROM comment c', 'vote, comment'],
  ['SELECT * FROM a WHERE EXISTS (SELECT 1 FROM b) ORDER BY x, y LIMIT 1', 'a, b'],
  ['(SELECT x FROM a) UNION ALL (SELECT y FROM b)', 'a, b'],
  ['SELECT x FROM a UNION SELECT y FROM b, c', 'a, b, c'],
  [
    'WITH x AS (SELECT * FROM a), y (n) AS MATERIALIZED (SELECT * FROM x) SELECT * FROM y, b',
    'a, b',
  ],
  ['WITH x AS (SELECT * FROM x) SELECT * FROM x', 'x'],
  ['WITH RECURSIVE x AS (SELECT 1 FROM a UNION SELECT 1 FROM x) SELECT * FROM x', 'a'],
  ['SELECT * FROM (WITH x AS (SELECT 1 FROM a) SELECT * FROM x) s, x', 'a, x'],
  ['SELECT EXTRACT(YEAR FROM at), TRIM(BOTH FROM name), SUBSTRING(s FROM 1 FOR 2) FROM a', 'a'],
  ['SELECT * FROM a WHERE x IS DISTINCT FROM y', 'a'],
  ['SELECT DISTINCT ON (x) x FROM a', 'a'],
  ["SELECT * FROM a WHERE x = 'FROM b'", 'a'],
  ['SELECT * FROM a -- JOIN b\n JOIN c ON true', 'a, c'],
  ['SELECT my_total(id) FROM a', 'a | my_total'],
  ['SELECT public.count(id), "sum"(x) FROM a', 'a | count, sum'],
  ['SELECT * FROM latest_comments(7) JOIN a ON true', 'a | latest_comments'],
  ['SELECT COUNT(DISTINCT("c"."id")) AS "cnt", COALESCE(MAX(x), 0) FROM c', 'c'],
  ['SELECT x::numeric(10, 2), CAST(y AS varchar(10)) FROM c', 'c'],
  ['SELECT * FROM a FOR UPDATE', 'unknown'],
  ['SELECT * INTO b FROM a', 'unknown'],
  ['TABLE a', 'unknown'],
  ['SELECT * FROM a; SELECT * FROM b', 'unknown'],
  ['SELECT * FROM', 'unknown'],
  ["SELECT * FROM a WHERE x = 'open", 'unknown'],
]

describe('the tables that a query reads', () => {
  for (const [sql, tables] of READS)
    it(`${sql.replaceAll('\n', ' ')} reads ${tables === '' ? 'none' : tables}`, () => {
      expect(shown(sql)).to.equal(tables)
    })

  it('are told in the quotes of each database', () => {
    expect(
      shown('SELECT * FROM `db`.`a` STRAIGHT_JOIN `b` WHERE `x` = "FROM c"', 'mysql'),
    ).to.equal('db.a, b')
    expect(shown('SELECT * FROM a FOR SYSTEM_TIME AS OF NOW(), b', 'mysql')).to.equal('unknown')
    expect(shown('SELECT * FROM a LOCK IN SHARE MODE', 'mysql')).to.equal('unknown')
    expect(shown(`SELECT * FROM [a], 'b', json_each("x")`, 'sqlite')).to.equal('a, b')
  })
})
