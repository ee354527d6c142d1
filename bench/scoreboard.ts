import type { Line, Part, Row } from './line'
import type { Machine } from './machine'

/** A line with what was measured; undefined if the library has nothing to measure yet. */
export interface Scored extends Pick<Line, 'number' | 'title'> {
  readonly parts: readonly Part[] | undefined
}

export const NOT_THERE_YET = 'not there yet'

/** One line of the scoreboard, as it is printed and as the documentation quotes it. */
export function lineOf({ number, title, parts }: Scored): string {
  const heading = `### ${number}. ${title}`
  if (parts === undefined) return `${heading}\n\n${NOT_THERE_YET}`
  return [heading, ...parts.map(tableOf)].join('\n\n')
}

function tableOf({ title, rows, atMost }: Part): string {
  const isTimed = rows.some((row) => 'ratio' in row)
  const head = isTimed
    ? [`| ${title} | median | quartiles | µs |`, '| --- | --- | --- | --- |']
    : [`| ${title} | counted |`, '| --- | --- |']
  const first = rows.find(({ role }) => role === 'ours')
  return [...head, ...rows.map((row) => rowOf(row, row === first ? atMost : undefined))].join('\n')
}

function rowOf(row: Row, atMost: number | undefined): string {
  const name = row.role === 'ours' ? `**${row.name}**` : row.name
  if ('counted' in row) {
    const verdict = row.isMet === undefined ? '' : ` (${row.isMet ? 'met' : 'missed'})`
    return `| ${name} | ${row.counted}${verdict} |`
  }
  const { q1, median, q3 } = row.ratio
  return `| ${name} | ${figure(median)}${verdictOn(median, atMost)} | ${figure(q1)} to ${figure(q3)} | ${Math.round(row.medianUs)} |`
}

function verdictOn(median: number, atMost: number | undefined): string {
  if (atMost === undefined) return ''
  const isMet = median <= atMost
  return ` (${isMet ? 'met' : `missed by ${(median - atMost).toFixed(2)}`}: at most ${atMost})`
}

function figure(ratio: number): string {
  return ratio < 0.1 ? ratio.toFixed(3) : ratio.toFixed(2)
}

/** What every figure is to be read with. */
export function conditionsOf({ cpu, load, versions }: Machine): string {
  const listed = Object.entries(versions).map(([name, version]) => `${name} ${version}`)
  return `${cpu}; load average ${load}; everything on loopback. ${listed.join(', ')}.`
}

/** Small samples are no measurement: there is nothing to be met or missed. */
export function withoutVerdicts({ title, rows }: Part): Part {
  return {
    title,
    rows: rows.map((row) =>
      'counted' in row ? { name: row.name, role: row.role, counted: row.counted } : row,
    ),
  }
}

/** A row per table of the scoreboard that was timed: what `profiled` found. */
export function profileOf(scored: readonly Scored[]): string {
  const rows = scored
    .toSorted((a, b) => a.number - b.number)
    .flatMap(({ number, parts = [] }) => parts.map(({ rows: found }) => ({ number, found })))
    .filter(({ found }) => found[0]?.name === 'all')
  const names = rows[0]?.found.map(({ name }) => name) ?? []
  return [
    `| line | ${names.join(' | ')} |`,
    `| --- |${' --- |'.repeat(names.length)}`,
    ...rows.map(
      ({ number, found }) =>
        `| ${number} | ${found.map((row) => ('counted' in row ? row.counted : '')).join(' | ')} |`,
    ),
  ].join('\n')
}
