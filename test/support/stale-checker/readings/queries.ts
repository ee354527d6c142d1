import { Comment, ROWS, Tag } from '../entities'
import type { SeenRow } from '../sight'
import type { Reading } from './reading'

// Few different ones: any write to the types that they read makes them a miss.
const DIFFERENT = 2
const CACHE_MS = 60_000

export const queriedComment: Reading = {
  name: 'cached query, joined',
  weight: 1,
  async read({ dataSource, dice }) {
    const id = dice.upTo(DIFFERENT)
    const comment = await dataSource
      .getRepository(Comment)
      .createQueryBuilder('comment')
      .leftJoinAndSelect('comment.votes', 'vote')
      .where('comment.id = :id', { id })
      .cache(CACHE_MS)
      .getOne()
    if (comment === null) return [{ rows: [], lists: [`is:c:${id}`] }]
    const votes = comment.votes.map((vote): SeenRow => [`v:${vote.id}`, vote.n])
    return [{ rows: [[`c:${id}`, comment.n], ...votes], lists: [`is:c:${id}`, `votes-of:${id}`] }]
  },
}

export const queriedComments: Reading = {
  name: 'cached find',
  weight: 1,
  async read({ dataSource, dice }) {
    const id = dice.upTo(DIFFERENT)
    const comments = await dataSource.getRepository(Comment).find({
      select: { id: true, n: true },
      where: { article: { id } },
      cache: { id: 'comments', milliseconds: CACHE_MS },
    })
    const rows = comments.map((comment): SeenRow => [`c:${comment.id}`, comment.n])
    return [{ rows, lists: [`comments-of:${id}`] }]
  },
}

/** Of a type that is written seldom: most of these are hits. */
export const queriedTags: Reading = {
  name: 'cached find of all',
  weight: 2,
  async read({ dataSource }) {
    const tags = await dataSource.getRepository(Tag).find({ cache: CACHE_MS })
    const rows = tags.map((tag): SeenRow => [`t:${tag.id}`, tag.n])
    return [{ rows, lists: Array.from({ length: ROWS.tags }, (_, at) => `is:t:${at + 1}`) }]
  },
}
