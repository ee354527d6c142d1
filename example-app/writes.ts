import type { DataSource, EntityManager } from 'typeorm'
import { Article, Comment, Vote } from './entities'

// Nothing here knows of a cache: plain TypeORM, and the pages are right.

/** Adds a comment; undefined when there is no such article. */
export async function addComment(
  dataSource: DataSource,
  articleId: number,
  content: { readonly author: string; readonly text: string },
): Promise<Comment | undefined> {
  const article = await dataSource.getRepository(Article).findOneBy({ id: articleId })
  if (article === null) return undefined
  return dataSource.getRepository(Comment).save({ ...content, article })
}

/** Votes for a comment and answers it, with its article; undefined when there is no such comment. */
export async function addVote(
  manager: EntityManager,
  commentId: number,
): Promise<Comment | undefined> {
  const comment = await manager.findOne(Comment, {
    where: { id: commentId },
    relations: { article: true },
  })
  if (comment === null) return undefined
  await manager.save(Vote, { comment })
  return comment
}

/** Moves a comment to another article. */
export async function moveComment(
  dataSource: DataSource,
  comment: Comment,
  article: Article,
): Promise<void> {
  await dataSource.getRepository(Comment).save({ id: comment.id, article })
}

/** Does work in a transaction, and then changes its mind. */
export async function rolledBack(
  dataSource: DataSource,
  work: (manager: EntityManager) => Promise<unknown>,
): Promise<void> {
  const runner = dataSource.createQueryRunner()
  try {
    await runner.startTransaction()
    await work(runner.manager)
    await runner.rollbackTransaction()
  } finally {
    await runner.release()
  }
}
