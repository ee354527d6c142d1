/** `<kind>:{<tag>}<rest>` at the end of a token key, a hash tag before it or not; see `Keyspace`. */
const TOKEN = /:([tcylq]):(?:\{[^}]*\}(?=\{))?\{([^}]*)\}(.*)$/

/**
 * What a token is called, for people: `Article:7`, `any Article`, `all of Article`, `Article:7/comments`.
 *
 * @param names of entities, by the table as it stands in keys
 */
export function tokenName(key: string, names: ReadonlyMap<string, string>): string {
  const [, kind, tag = '', rest = ''] = TOKEN.exec(key) ?? []
  const colon = tag.indexOf(':')
  const table = colon < 0 ? tag : tag.slice(0, colon)
  const shown = `${names.get(table) ?? table}${colon < 0 ? '' : tag.slice(colon)}${rest}`
  if (kind === 'c') return `any ${shown}`
  if (kind === 'y') return `all of ${shown}`
  return kind === 'q' ? 'the query cache' : shown
}
