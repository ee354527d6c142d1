import { createServer, type Server, type ServerResponse } from 'node:http'
import { once } from 'node:events'
import { problem, type Answer } from './answer'
import { cost, page } from './layout'
import type { Blog, Rendered } from './pages'
import { answer } from './routes'
import { reasonOf, StartFailure } from './start-failure'

const CLOSE_TIMEOUT_MS = 3_000
const HEADERS = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'",
  'content-type': 'text/html; charset=utf-8',
  'x-content-type-options': 'nosniff',
}

/** Serves the blog. Resolves when it listens, to the port and to what ends it. */
export async function serve(
  blog: Blog,
  port: number,
): Promise<{ readonly port: number; close(): Promise<void> }> {
  const server = createServer((request, response) => {
    const startedAt = performance.now()
    const rendered: Rendered = []
    void answer(blog, request, rendered)
      .catch((error: unknown) => {
        console.error(`${request.method} ${request.url}: ${reasonOf(error)}`)
        return problem(500, 'Something went wrong here')
      })
      .then((answered) => send(response, answered, rendered, performance.now() - startedAt))
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
  return {
    port: address !== null && typeof address === 'object' ? address.port : port,
    close: () => closed(server),
  }
}

function send(
  response: ServerResponse,
  { status, headers = {}, page: shown }: Answer,
  rendered: Rendered,
  ms: number,
): void {
  response.writeHead(status, { ...HEADERS, ...headers, 'x-rendered': rendered.join(', ') })
  if (shown === undefined) response.end()
  else response.end(page(shown.title, shown.content, cost(rendered, ms)))
}

/** Requests under way are answered, but not waited for without end. */
async function closed(server: Server): Promise<void> {
  const timer = setTimeout(() => server.closeAllConnections(), CLOSE_TIMEOUT_MS)
  server.close()
  await once(server, 'close')
  clearTimeout(timer)
}
