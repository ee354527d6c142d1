import { html, type Html } from './html'

const STYLE = html`
  <style>
    :root {
      color-scheme: light dark;
      --line: light-dark(#e3e3e8, #33343b);
      --soft: light-dark(#6a6a75, #a0a0ab);
      --card: light-dark(#fff, #1e1f25);
      --accent: light-dark(#2456c7, #8ab0ff);
    }
    * {
      box-sizing: border-box;
    }
    body {
      margin: 0 auto;
      padding: 1.5rem 1rem 3rem;
      max-width: 44rem;
      background: light-dark(#f7f7f9, #15161a);
      font:
        1rem/1.55 system-ui,
        sans-serif;
      overflow-wrap: anywhere;
    }
    a {
      color: var(--accent);
      text-decoration: none;
    }
    h1 {
      line-height: 1.2;
    }
    .card {
      margin: 0.75rem 0;
      padding: 0.75rem 1rem;
      border: 1px solid var(--line);
      border-radius: 0.6rem;
      background: var(--card);
    }
    .card h2 {
      margin: 0;
      font-size: 1.15rem;
    }
    .card p {
      margin: 0.25rem 0;
    }
    .card header {
      display: flex;
      justify-content: space-between;
      align-items: center;
      gap: 1rem;
    }
    .soft,
    footer {
      color: var(--soft);
      font-size: 0.9rem;
    }
    input,
    textarea,
    button {
      font: inherit;
      padding: 0.4rem 0.7rem;
      border: 1px solid var(--line);
      border-radius: 0.4rem;
      background: var(--card);
      color: inherit;
    }
    textarea,
    input {
      display: block;
      width: 100%;
      margin: 0.5rem 0;
    }
    button {
      cursor: pointer;
      color: var(--accent);
      white-space: nowrap;
    }
    footer {
      margin-top: 2rem;
      border-top: 1px solid var(--line);
      padding-top: 0.75rem;
    }
  </style>
`

/** A whole page: what is in it is cached in fragments, what is around it is not. */
export function page(title: string, content: Html, footer: Html): string {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${title}</title>
        ${STYLE}
      </head>
      <body>
        <nav><a href="/">All articles</a></nav>
        <main>${content}</main>
        <footer>${footer}</footer>
      </body>
    </html>`.toString()
}

/** What this view cost: the names of the fragments that were rendered for it. */
export function cost(rendered: readonly string[], ms: number): Html {
  const took = `${ms.toFixed(1)} ms`
  if (rendered.length === 0)
    return html`Nothing was rendered: it all came from the cache, in ${took}.`
  const what = rendered.length === 1 ? '1 fragment' : `${rendered.length} fragments`
  return html`${what} rendered for this view, in ${took}: ${rendered.join(', ')}.`
}
