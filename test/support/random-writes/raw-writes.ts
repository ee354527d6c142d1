import type { EntityManager } from 'typeorm'
import { Vote } from '../zoo'
import { way } from './operation'

function quoted(m: EntityManager, name: string): string {
  return m.connection.driver.escape(name)
}

/** SQL that people write themselves. */
export const RAW_WRITES = [
  way(
    'raw: update',
    (draw) => ({ id: draw.comment(), text: draw.word() }),
    (m, { id, text }) => m.query(`UPDATE zoo_comment SET text = '${text}' WHERE id = ${id}`),
  ),
  way(
    'raw: insert',
    (draw) => ({ comment: draw.comment() }),
    (m, { comment }) =>
      m.query(`INSERT INTO zoo_vote (${quoted(m, 'commentId')}) VALUES (${comment})`),
  ),
  way(
    'raw: move',
    (draw) => ({ from: draw.comment(), to: draw.comment() }),
    (m, { from, to }) => {
      const column = quoted(m, 'commentId')
      return m.query(`UPDATE zoo_vote SET ${column} = ${to} WHERE ${column} = ${from}`)
    },
  ),
  way(
    'raw: delete',
    (draw) => ({ id: draw.vote() }),
    (m, { id }) => m.query(`DELETE FROM zoo_vote WHERE id = ${id}`),
  ),
  way(
    'raw: delete what others point at',
    (draw) => ({ id: draw.article() }),
    (m, { id }) => m.query(`DELETE FROM zoo_article WHERE id = ${id}`),
  ),
  way(
    'raw: delete a user',
    (draw) => ({ id: draw.user().id }),
    (m, { id }) => m.query(`DELETE FROM zoo_user WHERE id = '${id}'`),
  ),
  way(
    'raw: many-to-many',
    (draw) => ({ article: draw.article() }),
    (m, { article }) =>
      m.query(`DELETE FROM zoo_article_tag WHERE ${quoted(m, 'zooArticleId')} = ${article}`),
  ),
  way(
    'raw: common table expression',
    (draw) => ({ id: draw.comment(), text: draw.word() }),
    (m, { id, text }) =>
      m.query(
        `WITH w AS (UPDATE zoo_comment SET text = '${text}' WHERE id = ${id} RETURNING id) SELECT id FROM w`,
      ),
    ['postgres'],
  ),
  way(
    'raw: several statements in one text',
    (draw) => ({ id: draw.comment(), vote: draw.vote(), text: draw.word() }),
    (m, { id, vote, text }) =>
      m.query(
        `UPDATE zoo_comment SET text = '${text}' WHERE id = ${id}; DELETE FROM zoo_vote WHERE id = ${vote}`,
      ),
    ['postgres'],
  ),
  way(
    'raw: truncate with all that points there',
    () => ({}),
    (m) => m.query('TRUNCATE zoo_comment CASCADE'),
    ['postgres'],
  ),
  way(
    'clear()',
    () => ({}),
    // MariaDB's TRUNCATE commits what is open; TypeORM does not know.
    (m) => m.clear(Vote),
    ['postgres', 'sqlite'],
  ),
]
