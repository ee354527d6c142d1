import { hash } from 'node:crypto'
import type { On, Sweeper } from '../index'
import { isNotModified } from './conditions'
import {
  addToList,
  assertExchange,
  endNotModified,
  setHeader,
  type HttpRequest,
  type HttpResponse,
} from './exchange'

/** What a response is made from, and how long others may keep it. */
export interface FreshOptions {
  /** What the response is made from: all of it. */
  readonly on: On
  /**
   * What else it differs by. A text is the name of a request header: its value counts, and `Vary` names it.
   * Everything else counts as it is: `{ user: user.id }`.
   *
   * @default nothing
   */
  readonly vary?: readonly (string | Readonly<Record<string, unknown>>)[]
  /**
   * The `Cache-Control` header; one that was set before stays.
   *
   * @default 'private, no-cache': the browser keeps it, and asks each time
   */
  readonly cacheControl?: string
}

/**
 * Answers a conditional GET or HEAD whose client has what it would be sent: with 304, from tokens alone.
 * Otherwise it sets `ETag`, `Last-Modified`, `Cache-Control` and `Vary` for the response that you make now.
 * Call it before you load anything.
 *
 * Cost: 1 round trip, 2 if a token was missing; no SQL. While a write to the records is in flight, and while the store
 * does not answer, there is no validator and every request is answered in full.
 *
 * @returns true when the response has been sent
 * @throws {InvalidSubjectError} SWEEPER_INVALID_SUBJECT
 * @throws {InvalidOptionError} SWEEPER_INVALID_OPTION for what is no request or response
 * @example
 * app.get('/articles/:id', async (req, res) => {
 *   if (await fresh(sweeper, req, res, { on: record(Article, req.params.id), vary: ['accept-language'] })) return
 *   res.json(await loadArticle(req.params.id))
 * })
 */
export async function fresh(
  sweeper: Sweeper,
  request: HttpRequest,
  ...[response, options]: [response: HttpResponse, options: FreshOptions]
): Promise<boolean> {
  assertExchange('fresh', request, response)
  const { on, vary = [], cacheControl = 'private, no-cache' } = options
  if (request.method !== 'GET' && request.method !== 'HEAD') return false
  const names = vary.filter((one) => typeof one === 'string')
  if (response.getHeader('cache-control') === undefined)
    setHeader(response, 'Cache-Control', cacheControl)
  addToList(response, 'Vary', { members: names.filter((name) => HEADER_NAME.test(name)) })
  const validator = await sweeper.validator(on)
  if (validator === undefined) return false
  const tag = tagOf(validator.version, vary, request)
  // A date cannot tell one user's response from another's.
  const changedAt = names.length === vary.length ? validator.changedAt : undefined
  setHeader(response, 'ETag', `W/"${tag}"`)
  if (changedAt !== undefined) setHeader(response, 'Last-Modified', changedAt.toUTCString())
  if (!isNotModified(request, { tag, changedAt })) return false
  endNotModified(response)
  return true
}

const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/

function tagOf(
  version: string,
  vary: NonNullable<FreshOptions['vary']>,
  { headers }: HttpRequest,
): string {
  if (vary.length === 0) return version
  const parts = vary.map((one) =>
    typeof one === 'string' ? [one, headers[one.toLowerCase()]] : Object.entries(one),
  )
  const text = JSON.stringify([version, parts], (_, value: unknown) =>
    typeof value === 'bigint' ? `${value}n` : value,
  )
  return hash('sha256', text, 'base64url')
}
