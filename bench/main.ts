import 'reflect-metadata'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Line } from './line'
import { hit } from './lines/01-hit'
import { concurrent } from './lines/02-concurrent'
import { page } from './lines/03-page'
import { nearHit } from './lines/04-near-hit'
import { nearRequest } from './lines/05-near-request'
import { sweep } from './lines/06-sweep'
import { miss } from './lines/07-miss'
import { correct } from './lines/08-correct'
import { save } from './lines/09-save'
import { importing } from './lines/10-import'
import { voteAndPage } from './lines/11-vote-and-page'
import { object } from './lines/12-object'
import { cluster } from './lines/13-cluster'
import { machine } from './machine'
import { conditionsOf, lineOf, profileOf, type Scored, withoutVerdicts } from './scoreboard'
import { scoreboardSvg } from './scoreboard-svg'
import { Servers } from './servers'

// npm run bench                the scoreboard; replaces the one in docs/performance.md and docs/scoreboard.svg
// npm run bench -- --fast      small samples, no verdict worth anything: whether it still runs
// npm run bench -- 1 3         some lines only; replaces nothing
// npm run bench -- --profile   where the time goes, in ours and in the reference of each line; replaces that in docs/performance.md

/** In the order in which they are measured: requests leave async contexts on, which costs every later promise of the process. */
const LINES: readonly Line[] = [
  hit,
  concurrent,
  page,
  nearHit,
  sweep,
  miss,
  correct,
  save,
  importing,
  voteAndPage,
  object,
  cluster,
  nearRequest,
]

/** What is counted has no time to be taken apart, and a cluster is beside ourselves. */
const UNPROFILED = [8, 10, 13]

/** Compiled files are in bench/.build/bench. */
const ROOT = join(__dirname, '..', '..', '..')
const DOCS = join(ROOT, 'docs', 'performance.md')
const PLOT = join(ROOT, 'docs', 'scoreboard.svg')

async function main(): Promise<void> {
  // As it is deployed: without the log of writes that explain() has elsewhere.
  process.env['NODE_ENV'] ??= 'production'
  const fast = process.argv.includes('--fast')
  const profile = process.argv.includes('--profile')
  const chosen = process.argv.slice(2).map(Number).filter(Number.isInteger)
  const lines = LINES.filter(
    ({ number }) =>
      (chosen.length === 0 || chosen.includes(number)) && !(profile && UNPROFILED.includes(number)),
  )
  const servers = await Servers.open()
  try {
    const conditions = await machine(servers)
    console.log(`${conditionsOf(conditions)}\n`)
    const scored: Scored[] = []
    for (const { number, title, measure } of lines) {
      const measured = await measure?.({ servers, fast, profile })
      const line = { number, title, parts: fast ? measured?.map(withoutVerdicts) : measured }
      scored.push(line)
      console.log(`${lineOf(line)}\n`)
    }
    if (chosen.length > 0) return
    if (profile) return quote('profile', profileOf(scored))
    scored.sort((a, b) => a.number - b.number)
    const results = join(ROOT, 'bench', 'results')
    mkdirSync(results, { recursive: true })
    const json = JSON.stringify({ machine: conditions, lines: scored }, null, 2)
    writeFileSync(join(results, fast ? 'fast.json' : 'scoreboard.json'), `${json}\n`)
    if (fast) return
    const table = [conditionsOf(conditions), ...scored.map(lineOf)].join('\n\n')
    writeFileSync(PLOT, scoreboardSvg(scored))
    quote('scoreboard', table)
  } finally {
    await servers.close()
  }
}

/** Replaces what docs/performance.md quotes under this name. */
function quote(name: string, text: string): void {
  const docs = readFileSync(DOCS, 'utf8')
  const quoted = new RegExp(`(<!-- ${name} -->\\n)[^]*(<!-- /${name} -->)`)
  if (!quoted.test(docs)) throw new Error(`${DOCS}: no place for ${name}`)
  writeFileSync(
    DOCS,
    docs.replace(quoted, (_, begin: string, end: string) => `${begin}\n${text}\n\n${end}`),
  )
}

void main()
