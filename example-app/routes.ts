import type { IncomingMessage } from 'node:http'
import { NOT_FOUND, problem, seeOther, shown, type Answer } from './answer'
import { readForm, textOf } from './form'
import { articleList, articlePage, type Blog, type Rendered } from './pages'
import { addComment, addVote } from './writes'

/** What a handler is given: the request, the number in its path, and where to note what was rendered. */
interface Visit {
  readonly request: IncomingMessage
  readonly id: number
  readonly rendered: Rendered
}

type Handler = (blog: Blog, visit: Visit) => Promise<Answer>

interface Route {
  readonly path: RegExp
  readonly method: 'GET' | 'POST'
  readonly handle: Handler
}

const ROUTES: readonly Route[] = [
  { path: /^\/$/, method: 'GET', handle: showList },
  { path: /^\/articles\/([1-9]\d{0,8})$/, method: 'GET', handle: showArticle },
  { path: /^\/articles\/([1-9]\d{0,8})\/comments$/, method: 'POST', handle: comment },
  { path: /^\/comments\/([1-9]\d{0,8})\/votes$/, method: 'POST', handle: vote },
]

/** Answers a request, or says what is wrong with it. */
export async function answer(
  blog: Blog,
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
  const id = Number(route.path.exec(path)?.[1] ?? 0)
  return route.handle(blog, { request, id, rendered })
}

async function showList(blog: Blog, { rendered }: Visit): Promise<Answer> {
  return shown('Articles', await articleList(blog, rendered))
}

async function showArticle(blog: Blog, { id, rendered }: Visit): Promise<Answer> {
  const content = await articlePage(blog, id, rendered)
  return content === undefined ? NOT_FOUND : shown(`Article ${id}`, content)
}

async function comment({ dataSource }: Blog, { request, id }: Visit): Promise<Answer> {
  const form = await readForm(request)
  if (form === undefined) return problem(413, 'That is too long')
  const author = textOf(form, 'author', 60)
  const text = textOf(form, 'text', 2_000)
  if (author === undefined || text === undefined) {
    return problem(400, 'A comment needs a name (up to 60 characters) and a text (up to 2000)')
  }
  const added = await addComment(dataSource, id, { author, text })
  return added === undefined ? NOT_FOUND : seeOther(`/articles/${id}#comment-${added.id}`)
}

async function vote({ dataSource }: Blog, { id }: Visit): Promise<Answer> {
  const voted = await addVote(dataSource.manager, id)
  return voted === undefined ? NOT_FOUND : seeOther(`/articles/${voted.article.id}#comment-${id}`)
}
