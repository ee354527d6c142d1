import { queryCount } from './database'
import { Article, type Comment } from './entities'
import { type Blog, Pages, type Rendered } from './pages'
import { StartFailure } from './start-failure'
import { addVote, moveComment, rolledBack } from './writes'

interface Step {
  readonly title: string
  /** What happens before all articles are viewed. */
  readonly write?: () => Promise<void>
  /** The fragments that viewing them renders: all of these and no others. */
  readonly promised: readonly string[]
}

/** An article with comments, the latest of these, and an article with fewer. */
interface Cast {
  readonly articles: readonly Article[]
  readonly from: Article
  readonly to: Article
  readonly comment: Comment
}

interface Cost {
  readonly hits: number
  readonly queries: number
  readonly ms: number
}

/** The tour is through the first ones; the long one is for the browser. */
const ARTICLES = 3

/**
 * Shows what is rendered again after which write. All numbers are measured; a {@link StartFailure}
 * when other fragments than the promised ones were rendered.
 */
export async function tour(blog: Blog, print: (line: string) => void): Promise<void> {
  const cast = await castOf(blog)
  const pages = new Pages(blog)
  // Whatever an earlier run left in a shared store.
  await blog.sweeper.clear()
  print(row('', 'rendered', 'hits', 'SQL', 'ms'))
  for (const { title, write, promised } of stepsOf(blog, cast)) {
    if (write !== undefined) {
      const { queries, ms } = await costOf(blog, write)
      print(row(title, '', '', queries, ms.toFixed(1)))
    }
    const rendered: Rendered = []
    const { hits, queries, ms } = await costOf(blog, async () => {
      for (const { id } of cast.articles) await pages.article(id, rendered)
    })
    const label = write === undefined ? title : '  then a view of them'
    print(`${row(label, rendered.length, hits, queries, ms.toFixed(1))}   ${listed(rendered)}`)
    check(title, rendered, promised)
  }
  print('\nExactly what had changed was rendered again, at every step.')
}

function stepsOf({ dataSource }: Blog, { articles, from, to, comment }: Cast): readonly Step[] {
  const everything = articles.flatMap((article) => [
    nameOf(article),
    ...article.comments.map(nameOf),
  ])
  return [
    { title: `first view of ${articles.length} articles`, promised: everything },
    { title: 'second view', promised: [] },
    {
      title: `a vote for comment ${comment.id}`,
      write: async () => void (await addVote(dataSource.manager, comment.id)),
      promised: [nameOf(comment), nameOf(from)],
    },
    {
      title: `comment ${comment.id} moves to article ${to.id}`,
      write: () => moveComment(dataSource, comment, to),
      promised: [nameOf(comment), nameOf(from), nameOf(to)],
    },
    {
      title: 'a vote that is rolled back',
      write: () => rolledBack(dataSource, (manager) => addVote(manager, comment.id)),
      promised: [],
    },
  ]
}

async function castOf({ dataSource }: Blog): Promise<Cast> {
  const all = await dataSource.getRepository(Article).find({
    relations: { comments: true },
    order: { id: 'ASC', comments: { id: 'ASC' } },
  })
  const articles = all.slice(0, ARTICLES)
  const bySize = articles.toSorted((a, b) => b.comments.length - a.comments.length)
  const from = bySize[0]
  const to = bySize.at(-1)
  const comment = from?.comments.at(-1)
  if (from === undefined || to === undefined || to === from || comment === undefined) {
    throw new StartFailure(
      'tour: it needs two articles and a comment; empty the tables to have them made anew',
    )
  }
  return { articles, from, to, comment }
}

async function costOf({ sweeper }: Blog, work: () => Promise<void>): Promise<Cost> {
  let hits = 0
  const stop = sweeper.on('hit', () => {
    hits += 1
  })
  const queriesBefore = queryCount()
  const startedAt = performance.now()
  try {
    await work()
  } finally {
    stop()
  }
  return { hits, queries: queryCount() - queriesBefore, ms: performance.now() - startedAt }
}

function check(title: string, rendered: readonly string[], promised: readonly string[]): void {
  const [got, wanted] = [rendered, promised].map((names) => names.toSorted().join(', '))
  if (got === wanted) return
  throw new StartFailure(
    `tour: after "${title}" the view should have rendered ${listed(promised)}, but rendered ${listed(rendered)}`,
  )
}

function nameOf(record: Article | Comment): string {
  return `${record instanceof Article ? 'Article' : 'Comment'} ${record.id}`
}

function listed(names: readonly string[]): string {
  if (names.length === 0) return 'nothing'
  return names.length > 5
    ? `${names.slice(0, 3).join(', ')} and ${names.length - 3} more`
    : names.join(', ')
}

function row(title: string, ...numbers: readonly (string | number)[]): string {
  return `  ${title.padEnd(30)}${numbers.map((number) => String(number).padStart(9)).join('')}`
}
