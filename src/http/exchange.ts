import type { IncomingHttpHeaders } from 'node:http'
import { InvalidOptionError } from '../index'

/** A request, of node:http, Express or Fastify. */
export interface HttpRequest {
  readonly method?: string | undefined
  readonly headers: IncomingHttpHeaders
}

/** A response of node:http or Express. */
export interface NodeResponse {
  statusCode: number
  getHeader(name: string): number | string | readonly string[] | undefined
  setHeader(name: string, value: string): unknown
  end(): unknown
}

/** A reply of Fastify. */
export interface FastifyReply {
  getHeader(name: string): number | string | readonly string[] | undefined
  header(name: string, value: string): unknown
  code(status: 304): { send(): unknown }
}

/** What is called on a response, of node:http and Express or of Fastify. */
export type HttpResponse = NodeResponse | FastifyReply

export function setHeader(response: HttpResponse, name: string, value: string): void {
  if ('setHeader' in response) response.setHeader(name, value)
  else response.header(name, value)
}

/** Adds members to a header that is a list, each once, whatever the case. */
export function addToList(
  response: HttpResponse,
  name: string,
  {
    members,
    separator = ', ',
  }: { readonly members: readonly string[]; readonly separator?: string },
): void {
  const present = [response.getHeader(name) ?? []]
    .flat()
    .flatMap((line) => String(line).split(separator.trim() === '' ? separator : separator.trim()))
    .map((member) => member.trim())
    .filter((member) => member !== '')
  const known = new Set(present.map((member) => member.toLowerCase()))
  const added = members.filter((member) => !known.has(member.toLowerCase()))
  if (added.length > 0) setHeader(response, name, [...present, ...added].join(separator))
}

export function endNotModified(response: HttpResponse): void {
  if ('setHeader' in response) {
    response.statusCode = 304
    response.end()
  } else response.code(304).send()
}

/** @throws {InvalidOptionError} SWEEPER_INVALID_OPTION */
export function assertExchange(where: string, request: unknown, response: unknown): void {
  if (!isObject(request) || !isObject(request['headers']))
    throw new InvalidOptionError(
      `${where}: the request has no headers; give what node:http, Express or Fastify call req`,
    )
  if (!isObject(response) || !('setHeader' in response || 'header' in response))
    throw new InvalidOptionError(
      `${where}: the response takes no headers; give what node:http and Express call res, or Fastify's reply`,
    )
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}
