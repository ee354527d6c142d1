import { children } from '../../../../src/index'
import { Article, Comment, ROWS, Tag, Vote } from '../entities'
import type { SeenRow, Sight } from '../sight'
import type { Reading } from './reading'

interface Seen {
  readonly id: number
  readonly n: number
}

/** One row by its key: it, or that there is none. */
function sightOf(letter: string, id: number, found: Seen | null): Sight {
  const rows: SeenRow[] = found === null ? [] : [[`${letter}:${id}`, found.n]]
  return { rows, lists: [`is:${letter}:${id}`] }
}

export const foundComment: Reading = {
  name: 'find',
  weight: 3,
  async read({ sweeper, dice }) {
    const id = dice.upTo(ROWS.comments)
    return [sightOf('c', id, await sweeper.find(Comment, id))]
  },
}

export const foundVotes: Reading = {
  name: 'findMany',
  weight: 2,
  async read({ sweeper, dice }) {
    const ids = dice.some(48, ROWS.votes)
    const found = await sweeper.findMany(Vote, ids)
    return ids.map((id, index) => sightOf('v', id, found[index] ?? null))
  },
}

/** By a unique column, of rows that are put into the cache as they are saved. */
export const foundTag: Reading = {
  name: 'findBy',
  weight: 2,
  async read({ sweeper, dice }) {
    const id = dice.upTo(ROWS.tags)
    return [sightOf('t', id, await sweeper.findBy(Tag, { slug: `tag-${id}` }))]
  },
}

export const listedComments: Reading = {
  name: 'list',
  weight: 2,
  async read({ dataSource, sweeper, dice }) {
    const id = dice.upTo(ROWS.articles)
    const comments = await sweeper.list(Comment, {
      on: children(Article, id, 'comments'),
      key: 'listed',
      ids: () =>
        dataSource
          .getRepository(Comment)
          .find({ select: { id: true }, where: { article: { id } } }),
    })
    const rows = comments.map((comment): SeenRow => [`c:${comment.id}`, comment.n])
    return [{ rows, lists: [`comments-of:${id}`] }]
  },
}
