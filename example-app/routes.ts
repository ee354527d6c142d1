import type { IncomingMessage } from 'node:http'
import { NOT_FOUND, problem, seeOther, shown, type Answer } from './answer'
import type { BlogServer } from './blog-server'
import { Article, Comment } from './entities'
import { readForm, textOf } from './form'
import { MOMENTS, voteMoment } from './moments'
import type { Rendered } from './pages'
import { reportOf, type Moment } from './write-report'
import { addComment } from './writes'

/** What a handler is given: the request, what stands in its path, and where to note what was rendered. */
interface Visit {
  readonly request: IncomingMessage
  readonly id: number
  readonly name: string
  readonly rendered: Rendered
}

type Handler = (blog: BlogServer, visit: Visit) => Promise<Answer>

interface Route {
  readonly path: RegExp
  readonly method: 'GET' | 'POST'
  readonly handle: Handler
}

const ROUTES: readonly Route[] = [
  { path: /^\/$/, method: 'GET', handle: showList },
  { path: /^\/articles\/([1-9]\d{0,8})$/, method: 'GET', handle: showArticle },
  { path: /^\/articles\/([1-9]\d{0,8})\/comments$/, method: 'POST', handle: comment },
  { path: /^\/articles\/([1-9]\d{0,8})\/moments\/([a-z]+)$/, method: 'POST', handle: moment },
  { path: /^\/comments\/([1-9]\d{0,8})\/votes$/, method: 'POST', handle: vote },
]

/** Answers a request, or says what is wrong with it. */
export async function answer(
  blog: BlogServer,
  request: IncomingMessage,
  rendered: Rendered,
): Promise<Answer> {
  const [path = '/'] = (request.url ?? '/').split('?')
  const route = ROUTES.find((candidate) => candidate.path.test(path))
  if (route === undefined) return NOT_FOUND
  // HEAD is GET without the body, which node:http leaves out by itself.
  const method = request.method === 'HEAD' ? 'GET' : request.method
  if (method !== route.method) {
    const allow = route.method === 'GET' ? 'GET, HEAD' : route.method
    return problem(405, `This address takes ${allow} only`, { allow })
  }
  const [, id = '0', name = ''] = route.path.exec(path) ?? []
  return route.handle(blog, { request, id: Number(id), name, rendered })
}

async function showList({ pages }: BlogServer, { rendered }: Visit): Promise<Answer> {
  return shown({ title: 'Articles', content: await pages.list(rendered) })
}

async function showArticle({ pages }: BlogServer, { id, rendered }: Visit): Promise<Answer> {
  const content = await pages.article(id, rendered)
  if (content === undefined) return NOT_FOUND
  return shown({ title: `Article ${id}`, content, articleId: id })
}

async function comment(blog: BlogServer, { request, id }: Visit): Promise<Answer> {
  const form = await readForm(request)
  if (form === undefined) return problem(413, 'That is too long')
  const author = textOf(form, 'author', 60)
  const text = textOf(form, 'text', 2_000)
  if (author === undefined || text === undefined) {
    return problem(400, 'A comment needs a name (up to 60 characters) and a text (up to 2000)')
  }
  let added: Comment | undefined
  const run = async (): Promise<readonly string[]> => {
    added = await addComment(blog.dataSource, id, { author, text })
    return []
  }
  await done(blog, { title: `a comment on article ${id}`, watched: [], run })
  return added === undefined ? NOT_FOUND : seeOther(`/articles/${id}#comment-${added.id}`)
}

async function vote(blog: BlogServer, { id }: Visit): Promise<Answer> {
  const relations = { article: true }
  const voted = await blog.dataSource.getRepository(Comment).findOne({ where: { id }, relations })
  if (voted === null) return NOT_FOUND
  await done(blog, voteMoment(blog, voted))
  return seeOther(`/articles/${voted.article.id}#comment-${id}`)
}

async function moment(blog: BlogServer, { id, name }: Visit): Promise<Answer> {
  const choice = Object.hasOwn(MOMENTS, name) ? MOMENTS[name] : undefined
  const article = await blog.dataSource.getRepository(Article).findOne({
    where: { id },
    relations: { comments: { article: true } },
    order: { comments: { id: 'ASC' } },
  })
  if (choice === undefined || article === null) return NOT_FOUND
  if (article.comments.length === 0) return problem(409, 'This article has no comments any more')
  await done(blog, await choice.make(blog, article))
  blog.live.tell({ type: 'store', running: blog.store.running })
  return seeOther(`/articles/${id}`)
}

async function done(blog: BlogServer, what: Moment): Promise<void> {
  blog.live.tell({ type: 'write', report: await reportOf(blog, what) })
}
