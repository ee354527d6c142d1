import type { DataSource } from 'typeorm'
import { ROWS } from './entities'

/** Who wrote the rows that are there from the beginning. */
export const SEED = 'seed'

/** Every committed state of every row, written by triggers: what the database knows, whatever path a write took. */
const HISTORY = `
CREATE SEQUENCE check_n;
CREATE TABLE check_history (n integer PRIMARY KEY, register text, lists text[], by text);

CREATE FUNCTION check_number() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN NEW.n := nextval('check_n'); RETURN NEW; END $$;

CREATE FUNCTION check_writer(given text) RETURNS text LANGUAGE sql AS $$
SELECT coalesce(nullif(current_setting('check.by', true), ''), given) $$;
`

interface Table {
  readonly name: string
  /** The name of a row, in SQL over \`r\`. */
  readonly register: string
  /** The lists that a row stands in, in SQL over \`r\`. */
  readonly lists: string
  readonly by: string
  /** A junction has no column for the number: it is taken after the write, under the lock that its writers hold. */
  readonly numbered: boolean
}

const TABLES: readonly Table[] = [
  {
    name: 'check_article',
    register: `'a:' || r.id`,
    lists: `ARRAY['is:a:' || r.id]`,
    by: 'r."by"',
    numbered: true,
  },
  {
    name: 'check_comment',
    register: `'c:' || r.id`,
    lists: `ARRAY['is:c:' || r.id, 'comments', 'comments-of:' || coalesce(r."articleId", 0)]`,
    by: 'r."by"',
    numbered: true,
  },
  {
    name: 'check_vote',
    register: `'v:' || r.id`,
    lists: `ARRAY['is:v:' || r.id, 'votes-of:' || coalesce(r."commentId", 0)]`,
    by: 'r."by"',
    numbered: true,
  },
  {
    name: 'check_tag',
    register: `'t:' || r.id`,
    lists: `ARRAY['is:t:' || r.id]`,
    by: 'r."by"',
    numbered: true,
  },
  {
    name: 'check_article_tag',
    register: `'l:' || r."articleId" || ':' || r."tagId"`,
    lists: `ARRAY['tags-of:' || r."articleId"]`,
    by: `''`,
    numbered: false,
  },
]

function triggersOf({ name, register, lists, by, numbered }: Table): string {
  const number = numbered
    ? `CREATE TRIGGER number BEFORE INSERT OR UPDATE ON ${name} FOR EACH ROW EXECUTE FUNCTION check_number();`
    : ''
  return `
CREATE FUNCTION ${name}_note() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE r ${name}%ROWTYPE;
BEGIN
  IF TG_OP = 'DELETE' THEN
    r := OLD;
    INSERT INTO check_history VALUES (nextval('check_n'), ${register}, '{}', check_writer(${by}));
  ELSE
    r := NEW;
    INSERT INTO check_history VALUES (${numbered ? 'r.n' : `nextval('check_n')`}, ${register}, ${lists}, check_writer(${by}));
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER note AFTER INSERT OR UPDATE OR DELETE ON ${name} FOR EACH ROW EXECUTE FUNCTION ${name}_note();
${number}`
}

const ROWS_AT_FIRST = `
INSERT INTO check_article (id, by) SELECT i, '${SEED}' FROM generate_series(1, ${ROWS.articles}) i;
INSERT INTO check_comment (id, by, "articleId")
  SELECT i, '${SEED}', i % ${ROWS.articles} + 1 FROM generate_series(1, ${ROWS.comments}) i;
INSERT INTO check_vote (id, by, "commentId")
  SELECT i, '${SEED}', i % ${ROWS.comments} + 1 FROM generate_series(1, ${ROWS.votes}) i;
INSERT INTO check_tag (id, slug, by) SELECT i, 'tag-' || i, '${SEED}' FROM generate_series(1, ${ROWS.tags}) i;
`

/** Makes what TypeORM does not: triggers, and the first rows. */
export async function makeSchema(dataSource: DataSource): Promise<void> {
  await dataSource.synchronize()
  for (const sql of [HISTORY, ...TABLES.map(triggersOf), ROWS_AT_FIRST]) await dataSource.query(sql)
}
