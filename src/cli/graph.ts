import type { DataSource } from 'typeorm'
import { Sweeper } from '../index'
import type { Arguments } from './arguments'
import { buildMetadatas, sweeperMadeFor } from './sweeper-for'
import type { Terminal } from './usage'

type GraphData = ReturnType<Sweeper['graph']>

/** Prints the declared cascade. Connects to nothing. */
export async function graph(
  dataSource: DataSource,
  { format }: Pick<Arguments, 'format'>,
  { out }: Terminal,
): Promise<number> {
  await buildMetadatas(dataSource)
  const data = (sweeperMadeFor(dataSource) ?? new Sweeper(dataSource)).graph()
  out(`${format === 'dot' ? dotOf(data) : data.toMermaid()}\n`)
  return 0
}

/** For Graphviz: an arrow leads from a record to what is swept with it. */
function dotOf({ links }: Pick<GraphData, 'links'>): string {
  return [
    'digraph sweeps {',
    '  rankdir=LR',
    ...links.map(
      ({ from, to, property }) => `  ${quoted(from)} -> ${quoted(to)} [label=${quoted(property)}]`,
    ),
    '}',
  ].join('\n')
}

function quoted(text: string): string {
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`
}
