import type { DataSource, EntityManager } from 'typeorm'

/** A row that somebody saw, in which state. 0: a junction row, which has no number. */
export type SeenRow = readonly [register: string, n: number]

/** What a cached value of the checker says: rows, and lists that are seen whole (what is not there is not in them). */
export interface Sight {
  readonly rows: readonly SeenRow[]
  readonly lists: readonly string[]
}

type Source = DataSource | EntityManager

/** The fragment of a comment: itself and its votes. One statement. */
export async function seeComment(source: Source, id: number): Promise<Sight> {
  const rows: { n: number; vote: number | null; voteN: number }[] = await source.query(
    `SELECT c.n, v.id AS vote, v.n AS "voteN" FROM check_comment c
     LEFT JOIN check_vote v ON v."commentId" = c.id WHERE c.id = $1`,
    [id],
  )
  const seen: SeenRow[] = []
  for (const { n, vote, voteN } of rows) {
    if (seen.length === 0) seen.push([`c:${id}`, n])
    if (vote !== null) seen.push([`v:${vote}`, voteN])
  }
  // A comment that is gone has nobody to list votes for.
  return { rows: seen, lists: rows.length > 0 ? [`is:c:${id}`, `votes-of:${id}`] : [`is:c:${id}`] }
}

/** The list of an article's comments. */
export async function seeCommentsOf(source: Source, article: number): Promise<Sight> {
  const rows: { id: number; n: number }[] = await source.query(
    'SELECT id, n FROM check_comment WHERE "articleId" = $1',
    [article],
  )
  return { rows: rows.map(({ id, n }) => [`c:${id}`, n]), lists: [`comments-of:${article}`] }
}

/** The fragment of an article: itself, its comments with their votes, its tags. Three statements. */
export async function seeArticle(source: Source, id: number): Promise<Sight> {
  const [own, comments, votes, tags] = await Promise.all([
    source.query('SELECT n FROM check_article WHERE id = $1', [id]),
    seeCommentsOf(source, id),
    source.query(
      'SELECT v.id, v.n FROM check_vote v JOIN check_comment c ON c.id = v."commentId" WHERE c."articleId" = $1',
      [id],
    ),
    source.query(
      'SELECT t.id, t.n FROM check_article_tag l JOIN check_tag t ON t.id = l."tagId" WHERE l."articleId" = $1',
      [id],
    ),
  ])
  const named = (letter: string, rows: { id: number; n: number }[]): SeenRow[] =>
    rows.map((row) => [`${letter}:${row.id}`, row.n])
  return {
    rows: [
      ...(own as { n: number }[]).map(({ n }): SeenRow => [`a:${id}`, n]),
      ...comments.rows,
      ...named('v', votes),
      ...named('t', tags),
      ...(tags as { id: number }[]).map((tag): SeenRow => [`l:${id}:${tag.id}`, 0]),
    ],
    lists: [...comments.lists, `tags-of:${id}`, `is:a:${id}`],
  }
}

export async function seeTag(source: Source, id: number): Promise<Sight> {
  const rows: { n: number }[] = await source.query('SELECT n FROM check_tag WHERE id = $1', [id])
  return { rows: rows.map(({ n }) => [`t:${id}`, n]), lists: [`is:t:${id}`] }
}

/** All comments there are. */
export async function seeComments(source: Source): Promise<Sight> {
  const rows: { id: number; n: number }[] = await source.query('SELECT id, n FROM check_comment')
  return { rows: rows.map(({ id, n }) => [`c:${id}`, n]), lists: ['comments'] }
}

export function together(...sights: readonly Sight[]): Sight {
  return {
    rows: sights.flatMap(({ rows }) => rows),
    lists: sights.flatMap(({ lists }) => lists),
  }
}
