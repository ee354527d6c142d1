import { record } from '../src/index'
import { Article, Comment, Vote } from './entities'
import type { Blog } from './pages'
import type { ShowcaseStore } from './showcase-store'
import type { Moment, Watched } from './write-report'
import { addVote, moveComment, rolledBack } from './writes'

interface Stage extends Blog {
  readonly store: ShowcaseStore
}

interface Choice {
  readonly title: string
  readonly hint: string
  make(stage: Stage, article: Article): Promise<Moment>
}

/** The buttons beside an article, by name. */
export const MOMENTS: Readonly<Record<string, Choice>> = {
  vote: {
    title: 'Vote',
    hint: 'For any comment: two fragments are rendered again',
    make: async (stage, { comments }) =>
      voteMoment(stage, at(comments, Math.floor(Math.random() * comments.length))),
  },
  move: {
    title: 'Move a comment',
    hint: 'The last comment goes to the next article: the comment and both articles are swept',
    make: moveMoment,
  },
  rollback: {
    title: 'Roll back',
    hint: 'A vote in a transaction that is rolled back: nothing moves',
    make: rollbackMoment,
  },
  race: {
    title: 'Race',
    hint: 'Browser A loads a comment slowly, while browser B votes for it',
    make: raceMoment,
  },
  stop: {
    title: 'Stop the store',
    hint: 'The page still works: it is rendered without the cache',
    make: async ({ store }) => ({
      title: 'the store was stopped',
      watched: [],
      run: async () => {
        store.stop()
        return ['Every view is rendered now. Nobody waits, and no write fails.']
      },
    }),
  },
  start: {
    title: 'Start it again',
    hint: 'What could not be swept meanwhile is swept before it is trusted',
    make: async ({ store }) => ({
      title: 'the store was started',
      watched: [],
      run: async () => {
        store.start()
        return ['What could not be swept meanwhile is swept before anything is served.']
      },
    }),
  },
  clear: {
    title: 'Clear',
    hint: 'Every entry becomes unreachable; nothing is searched or deleted',
    make: async ({ sweeper }) => ({
      title: 'clear()',
      watched: [],
      run: async () => {
        await sweeper.clear()
        return ['One token of each type has moved, and every fragment carried one of them.']
      },
    }),
  },
}

/** A vote for a comment whose article is loaded. */
export function voteMoment({ dataSource }: Blog, comment: Comment): Moment {
  return {
    title: `a vote for comment ${comment.id}`,
    watched: [watchedComment(comment), watchedArticle(comment.article)],
    run: async () => {
      await addVote(dataSource.manager, comment.id)
      return []
    },
  }
}

async function moveMoment({ dataSource }: Stage, article: Article): Promise<Moment> {
  const others = await dataSource.getRepository(Article).find({ order: { id: 'ASC' } })
  const next = at(others, others.findIndex(({ id }) => id === article.id) + 1)
  const comment = at(article.comments, -1)
  return {
    title: `comment ${comment.id} moves to article ${next.id}`,
    watched: [watchedComment(comment), watchedArticle(article), watchedArticle(next)],
    run: async () => {
      await moveComment(dataSource, comment, next)
      return [`Article ${next.id} is rendered when somebody looks at it.`]
    },
  }
}

async function rollbackMoment({ dataSource }: Stage, article: Article): Promise<Moment> {
  const comment = at(article.comments, 0)
  return {
    title: `a vote for comment ${comment.id}, rolled back`,
    watched: [watchedComment(comment), watchedArticle(article)],
    run: async () => {
      await rolledBack(dataSource, (manager) => addVote(manager, comment.id))
      return ['What never happened sweeps nothing: no token has moved.']
    },
  }
}

/** The classical race: a slow reader stores what it loaded before the write, after the write. */
async function raceMoment(stage: Stage, article: Article): Promise<Moment> {
  const { dataSource, sweeper } = stage
  const comment = at(article.comments, 0)
  const votes = (): Promise<number> =>
    dataSource.getRepository(Vote).countBy({ comment: { id: comment.id } })
  const read = (factory: () => Promise<number>, fresh: boolean): Promise<number> =>
    sweeper.getOrSet({ on: record(Comment, comment.id), key: 'race', ttl: '1m', factory, fresh })
  return {
    title: `a race on comment ${comment.id}`,
    watched: [watchedComment(comment), watchedArticle(article)],
    run: async () => {
      const loaded = gate()
      const swept = gate()
      const slow = read(async () => {
        const count = await votes()
        loaded.open()
        await swept.opened
        return count
      }, true)
      await loaded.opened
      await addVote(dataSource.manager, comment.id)
      swept.open()
      const [old, current] = [await slow, await read(votes, false)]
      return [
        `Browser A loaded ${old} votes, and was slow to store them.`,
        'Browser B voted meanwhile, and its vote was committed and swept.',
        'What A stored then carries the token from before the vote: nobody is served it.',
        `The next reader got ${current} votes.`,
      ]
    },
  }
}

function gate(): { readonly opened: Promise<void>; open(): void } {
  let open = (): void => {}
  const opened = new Promise<void>((resolve) => (open = resolve))
  return { opened, open: () => open() }
}

function watchedComment({ id }: Comment): Watched {
  return { name: `Comment ${id}`, ref: record(Comment, id) }
}

function watchedArticle({ id }: Article): Watched {
  return { name: `Article ${id}`, ref: record(Article, id) }
}

/** Counted in a circle. */
function at<T>(list: readonly T[], index: number): T {
  const found = list.at(index % list.length)
  if (found === undefined) throw new Error('the article has no comments')
  return found
}
