import type { Sweeper } from '../index'

/** Middleware of Express, a hook of Fastify, or a function around a handler of node:http. */
export type RequestScope = (request: unknown, response: unknown, next: () => void) => void

/**
 * Runs each request inside `sweeper.request()`: what it reads is what was swept before it began, or newer.
 *
 * @example
 * app.use(requestScope(sweeper))                                     // Express
 * app.addHook('onRequest', requestScope(sweeper))                    // Fastify
 * createServer((req, res) => scope(req, res, () => handle(req, res)))   // node:http
 */
export function requestScope(sweeper: Sweeper): RequestScope {
  return (_request, _response, next) => sweeper.request(() => next())
}
