import type { EntityType } from './entity-type'
import type { Link } from './link'

/** The declared cascade as data. */
export interface GraphData {
  readonly types: readonly {
    readonly name: string
    readonly table: string
    readonly using: string | undefined
  }[]
  /** `from` sweeps `to`. */
  readonly links: readonly {
    readonly from: string
    readonly to: string
    readonly property: string
    readonly kind: Link['kind']
  }[]
  /** The same as the text of a Mermaid flowchart: an arrow leads from a record to what is swept with it. */
  toMermaid(): string
}

export function graphData(types: readonly EntityType[]): GraphData {
  const data = {
    types: types.map((type) => ({
      name: type.name,
      table: type.key,
      using: type.declarationFor(type.metadata).using?.propertyPath,
    })),
    links: types
      .flatMap(({ links }) => links)
      .map(({ from, to, property, kind }) => ({ from: from.name, to: to.name, property, kind })),
  }
  return { ...data, toMermaid: () => mermaidOf(data) }
}

function mermaidOf({ types, links }: Omit<GraphData, 'toMermaid'>): string {
  const linked = new Set(links.flatMap(({ from, to }) => [from, to]))
  const nodes = types.filter(({ name }) => linked.has(name)).map(({ name }) => name)
  const idOf = new Map([...new Set(nodes)].map((name, index) => [name, `n${index}`]))
  return [
    'flowchart LR',
    ...[...idOf].map(([name, id]) => `  ${id}["${escaped(name)}"]`),
    ...links.map(
      ({ from, to, property }) =>
        `  ${idOf.get(from)} -- "${escaped(property)}" --> ${idOf.get(to)}`,
    ),
  ].join('\n')
}

/** Mermaid has its own entities; a quote would end the label. */
function escaped(text: string): string {
  return text.replaceAll('"', '#quot;')
}
