/** What a request comes to. */
export interface Answer {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly page?: Shown
}

export interface Shown {
  readonly title: string
  /** Markup. */
  readonly content: string
  /** The article that is shown, if it is one. */
  readonly articleId?: number
}

export function shown(page: Shown): Answer {
  return { status: 200, page }
}

/** Where to look after a write: a reload repeats the look, not the write. */
export function seeOther(location: string): Answer {
  return { status: 303, headers: { location } }
}

/** @param sentence one of ours: it is not escaped */
export function problem(
  status: number,
  sentence: string,
  headers: Readonly<Record<string, string>> = {},
): Answer {
  return { status, headers, page: { title: sentence, content: `<h1>${sentence}</h1>` } }
}

export const NOT_FOUND = problem(404, 'There is no such page')
