import 'reflect-metadata'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { conditionsOf } from '../scoreboard'
import { machine } from '../machine'
import { Servers } from '../servers'
import { depth } from './depth'
import { fragments } from './fragments'
import { near } from './near'
import { processes } from './processes'
import { rows } from './rows'
import type { Series, Size } from './series'
import { svgOf } from './svg'

// npm run bench:scale                how cost grows; plots into docs/scale, figures into bench/results/scale.json
// npm run bench:scale -- --largest   also the sizes that take minutes: 10^5 fragments and rows, 10^6 near entries
// npm run bench:scale -- rows near   some of it; replaces their plots alone
// npm run bench:scale -- --fast      small sizes; replaces nothing: whether it still runs

const ALL: readonly Series[] = [fragments, depth, rows, near, processes]

/** Compiled files are in bench/.build/bench/scale. */
const ROOT = join(__dirname, '..', '..', '..', '..')
const PLOTS = join(ROOT, 'docs', 'scale')
const RESULTS = join(ROOT, 'bench', 'results')

async function main(): Promise<void> {
  const size = sizeAsked(process.argv)
  const chosen = process.argv.slice(2).filter((word) => !word.startsWith('--'))
  const servers = await Servers.open()
  try {
    const conditions = await machine(servers)
    const plots: unknown[] = []
    for (const folder of [PLOTS, RESULTS])
      if (size !== 'fast') mkdirSync(folder, { recursive: true })
    for (const { name, measure } of ALL) {
      if (chosen.length > 0 && !chosen.includes(name)) continue
      const plot = await measure({ servers, size })
      plots.push({ name, ...plot })
      const svg = svgOf(plot)
      if (size !== 'fast') writeFileSync(join(PLOTS, `${name}.svg`), svg)
      console.log(`${plot.title}\n${plot.curves.map(lineOf).join('\n')}\n`)
    }
    console.log(conditionsOf(conditions))
    if (chosen.length > 0 || size === 'fast') return
    const json = JSON.stringify({ machine: conditions, plots }, null, 2)
    writeFileSync(join(RESULTS, 'scale.json'), `${json}\n`)
  } finally {
    await servers.close()
  }
}

function sizeAsked(words: readonly string[]): Size {
  if (words.includes('--fast')) return 'fast'
  return words.includes('--largest') ? 'largest' : 'usual'
}

function lineOf({
  name,
  points,
}: {
  name: string
  points: readonly (readonly number[])[]
}): string {
  return `  ${name}: ${points.map(([x, y]) => `${x}: ${Number((y ?? Number.NaN).toPrecision(3))}`).join(', ')}`
}

void main()
