import type { Role, Row } from './line'
import type { Scored } from './scoreboard'
import { svgText } from './svg-text'

const WIDTH = 760
const NAMES = 300
const RIGHT = 740
const ROW = 18
const HEADING = 30
const COLOURS: Readonly<Record<Role, string>> = {
  ours: '#0072b2',
  limit: '#009e73',
  peer: '#999999',
  reference: '#666666',
  again: '#666666',
}

type Timed = Extract<Row, { ratio: unknown }>

/** All timed lines of the scoreboard as bars, each beside its reference; logarithmic, shorter is faster. */
export function scoreboardSvg(lines: readonly Scored[]): string {
  const blocks = lines.flatMap(({ number, title, parts = [] }) =>
    parts.map((part) => ({
      heading: `${number}. ${title}: ${part.title}`,
      rows: part.rows.filter((row): row is Timed => 'ratio' in row && row.role !== 'again'),
    })),
  )
  let y = 10
  const drawn: string[] = []
  for (const { heading, rows } of blocks) {
    if (rows.length === 0) continue
    y += HEADING
    drawn.push(svgText(heading, { at: [10, y - 8], size: 13 }))
    const ratios = rows.map(({ ratio }) => ratio.median)
    for (const row of rows) {
      drawn.push(barOf(row, y, { low: Math.min(...ratios) / 2, high: Math.max(...ratios) }))
      y += ROW
    }
  }
  const size = `viewBox="0 0 ${WIDTH} ${y + 10}"`
  return `<svg xmlns="http://www.w3.org/2000/svg" ${size} font-family="sans-serif" role="img" aria-label="The scoreboard">\n${drawn.join('\n')}\n</svg>\n`
}

function barOf(
  { name, role, ratio }: Timed,
  y: number,
  { low, high }: { readonly low: number; readonly high: number },
): string {
  const share = Math.log(ratio.median / low) / Math.log(high / low)
  const length = (share * (RIGHT - 50 - NAMES)).toFixed(1)
  const bar = `<rect x="${NAMES}" y="${y}" width="${length}" height="${ROW - 5}" fill="${COLOURS[role]}"/>`
  const figure = ratio.median < 0.1 ? ratio.median.toFixed(3) : ratio.median.toFixed(2)
  return (
    svgText(name, { at: [NAMES - 6, y + 10], anchor: 'end', size: 11 }) +
    bar +
    svgText(figure, { at: [NAMES + Number(length) + 4, y + 10], size: 11 })
  )
}
