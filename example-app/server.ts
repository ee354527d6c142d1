import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { problem, type Answer } from './answer'
import { assetAt } from './assets'
import type { BlogServer } from './blog-server'
import { MOMENTS } from './moments'
import type { Rendered } from './pages'
import { answer } from './routes'
import { reasonOf, StartFailure } from './start-failure'
import { versionsOf } from './versions'

const CLOSE_TIMEOUT_MS = 3_000
const HEADERS = {
  'cache-control': 'no-store',
  'content-security-policy':
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; form-action 'self'",
  'content-type': 'text/html; charset=utf-8',
  'x-content-type-options': 'nosniff',
}

/** Serves the blog. Resolves when it listens, to the port and to what ends it. */
export async function serve(
  blog: BlogServer,
  port: number,
): Promise<{ readonly port: number; close(): Promise<void> }> {
  const server = createServer((request, response) => {
    handle(blog, request, response).catch((error: unknown) => {
      console.error(`${request.method} ${request.url}: ${reasonOf(error)}`)
      response.destroy()
    })
  })
  server.requestTimeout = 10_000
  server.listen(port)
  try {
    await once(server, 'listening')
  } catch (error) {
    throw new StartFailure(
      `PORT: cannot serve on port ${port} (${reasonOf(error)}); stop what is there, or choose another with PORT`,
      { cause: error },
    )
  }
  const address = server.address()
  const close = (): Promise<void> => {
    blog.live.close()
    return closed(server)
  }
  return { port: address !== null && typeof address === 'object' ? address.port : port, close }
}

async function handle(
  blog: BlogServer,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const [path = '/', query = ''] = (request.url ?? '/').split('?')
  if (request.method === 'GET') {
    if (path === '/live') return blog.live.add(response)
    if (path === '/versions') {
      const versions = await versionsOf(blog, new URLSearchParams(query).getAll('of'))
      response.writeHead(200, { ...HEADERS, 'content-type': 'application/json' })
      return void response.end(JSON.stringify(versions))
    }
    const asset = await assetAt(path)
    if (asset !== undefined) {
      response.writeHead(200, { ...HEADERS, 'content-type': asset.type })
      return void response.end(asset.content)
    }
  }
  await showPage(blog, request, response)
}

async function showPage(
  blog: BlogServer,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const startedAt = performance.now()
  const before = blog.store.roundTrips
  const rendered: Rendered = []
  const { status, headers, page } = await answer(blog, request, rendered).catch(
    (error: unknown): Answer => {
      console.error(`${request.method} ${request.url}: ${reasonOf(error)}`)
      return problem(500, 'Something went wrong here')
    },
  )
  const ms = performance.now() - startedAt
  const roundTrips = blog.store.roundTrips - before
  response.writeHead(status, { ...HEADERS, ...headers, 'x-rendered': rendered.join(', ') })
  if (page === undefined) return void response.end()
  const onPage = page.content.split(' data-fragment="').length - 1
  if (rendered.length > 0) {
    const report = { server: blog.server, rendered, onPage, roundTrips, ms }
    blog.live.tell({ type: 'view', report })
  }
  response.end(
    await blog.pages.render('page', {
      ...page,
      cost: cost(rendered, { onPage, roundTrips, ms }),
      servers: serversFor(blog, request.url ?? '/'),
      store: { running: blog.store.running },
      article: page.articleId !== undefined && { id: page.articleId, moments: MOMENT_BUTTONS },
    }),
  )
}

const MOMENT_BUTTONS = Object.entries(MOMENTS).map(([name, { title, hint }]) => ({
  name,
  title,
  hint,
}))

function serversFor({ servers, server }: BlogServer, path: string): readonly object[] {
  return servers.map(({ name, port }) => ({
    name,
    url: `http://localhost:${port}${path}`,
    here: name === server,
  }))
}

/** What this view cost: the names of the fragments that were rendered for it. */
function cost(
  rendered: Rendered,
  { onPage, roundTrips, ms }: { onPage: number; roundTrips: number; ms: number },
): string {
  const took = `in ${ms.toFixed(1)} ms and ${counted(roundTrips, 'round trip')}`
  if (rendered.length === 0) return `Nothing was rendered: it all came from the cache, ${took}.`
  const what = counted(rendered.length, 'fragment')
  const names = rendered.length > 5 ? `${rendered.slice(0, 5).join(', ')}, …` : rendered.join(', ')
  return `${what} of ${onPage} rendered for this view, ${took}: ${names}.`
}

function counted(count: number, what: string): string {
  return count === 1 ? `1 ${what}` : `${count} ${what}s`
}

/** Requests under way are answered, but not waited for without end. */
async function closed(server: Server): Promise<void> {
  const timer = setTimeout(() => server.closeAllConnections(), CLOSE_TIMEOUT_MS)
  server.close()
  await once(server, 'close')
  clearTimeout(timer)
}
