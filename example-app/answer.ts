import { html, type Html } from './html'

/** What a request comes to. */
export interface Answer {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly page?: { readonly title: string; readonly content: Html }
}

export function shown(title: string, content: Html): Answer {
  return { status: 200, page: { title, content } }
}

/** Where to look after a write: a reload repeats the look, not the write. */
export function seeOther(location: string): Answer {
  return { status: 303, headers: { location } }
}

export function problem(
  status: number,
  sentence: string,
  headers: Readonly<Record<string, string>> = {},
): Answer {
  return { status, headers, page: { title: sentence, content: html`<h1>${sentence}</h1>` } }
}

export const NOT_FOUND = problem(404, 'There is no such page')
