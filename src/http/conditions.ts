import type { HttpRequest } from './exchange'

/** What a response would be sent with. */
export interface Validators {
  /** The opaque part: what stands between the quotes. */
  readonly tag: string
  readonly changedAt: Date | undefined
}

/** RFC 9110, 8.8.3: an entity tag. Commas may stand in it, so a list cannot be split at them. */
const ENTITY_TAG = /(?:W\/)?"([\u0021\u0023-\u007e\u0080-\u00ff]*)"/g

/**
 * Whether the client has what it would be sent: RFC 9110, 13.2.2, for GET and HEAD.
 * With `If-None-Match` the date does not count; tags are compared weakly.
 */
export function isNotModified({ headers }: HttpRequest, { tag, changedAt }: Validators): boolean {
  const known = headers['if-none-match']
  if (known !== undefined)
    return known.trim() === '*' || [...known.matchAll(ENTITY_TAG)].some(([, one]) => one === tag)
  const since = dateOf(headers['if-modified-since'])
  return since !== undefined && changedAt !== undefined && changedAt.getTime() <= since
}

const WEEKDAY = '(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)'
/** The form that is sent today. What is in none of the three that are known does not count (13.1.3). */
const HTTP_DATE = new RegExp(
  `^${WEEKDAY}(?:, \\d\\d \\w{3} \\d{4} \\d\\d:\\d\\d:\\d\\d GMT|\\w*, \\d\\d-\\w{3}-\\d\\d \\d\\d:\\d\\d:\\d\\d GMT| \\w{3} [ \\d]\\d \\d\\d:\\d\\d:\\d\\d \\d{4})$`,
)

function dateOf(text: string | undefined): number | undefined {
  if (text === undefined || !HTTP_DATE.test(text)) return undefined
  // The asctime form names no zone, and means this one.
  const ms = Date.parse(text.endsWith('GMT') ? text : `${text} GMT`)
  return Number.isNaN(ms) ? undefined : ms
}
