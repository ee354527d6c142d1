/** Text that is markup already. Everything else is escaped where {@link html} takes it in. */
export class Html {
  readonly #markup: string

  constructor(markup: string) {
    this.#markup = markup
  }

  toString(): string {
    return this.#markup
  }
}

export type HtmlValue = string | number | Html | readonly HtmlValue[]

/**
 * Builds markup; what is put in is escaped, lists are joined.
 *
 * @example
 * html`<h1>${article.title}</h1>`
 */
export function html(markup: TemplateStringsArray, ...values: readonly HtmlValue[]): Html {
  return new Html(markup.reduce((text, part, at) => text + markupOf(values[at - 1] ?? '') + part))
}

function markupOf(value: HtmlValue): string {
  if (typeof value === 'string') return escaped(value)
  if (typeof value === 'number' || value instanceof Html) return String(value)
  return value.map(markupOf).join('')
}

const ENTITIES = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' } as const

function escaped(text: string): string {
  // Every character the pattern finds is a key of the table.
  return text.replace(/[&<>"']/g, (found) => ENTITIES[found as keyof typeof ENTITIES])
}
