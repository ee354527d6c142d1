import { escaped, GREY, svgText } from '../svg-text'

/** One curve: what it shows, and its points. */
export interface Curve {
  readonly name: string
  readonly points: readonly (readonly [x: number, y: number])[]
}

export interface Plot {
  readonly title: string
  readonly x: string
  readonly y: string
  readonly curves: readonly Curve[]
}

const WIDTH = 640
const HEIGHT = 360
const LEFT = 70
const RIGHT = 620
const TOP = 40
const BOTTOM = 250
// Told apart by those who see no red or no green, on white and on black (Okabe and Ito).
const COLOURS = ['#0072b2', '#d55e00', '#009e73', '#cc79a7']

/** A plot with logarithmic axes, which shows growth as slope: flat is constant, one to one is in proportion. */
export function svgOf({ title, x, y, curves }: Plot): string {
  const points = curves.flatMap((curve) => curve.points)
  const across = scale(
    points.map(([at]) => at),
    LEFT,
    RIGHT,
  )
  const up = scale(
    points.map(([, at]) => at),
    BOTTOM,
    TOP,
  )
  const drawn = curves.map((curve, at) => {
    const colour = COLOURS[at % COLOURS.length] ?? GREY
    const places = curve.points.map(([px, py]) => `${across.place(px)},${up.place(py)}`)
    const dots = places.map((place) => {
      const [cx, cy] = place.split(',')
      return `<circle cx="${cx}" cy="${cy}" r="3" fill="${colour}"/>`
    })
    const line = `<polyline points="${places.join(' ')}" fill="none" stroke="${colour}" stroke-width="2"/>`
    return line + dots.join('') + legend(curve.name, colour, at)
  })
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12" role="img" aria-label="${escaped(title)}">`,
    svgText(title, { at: [LEFT, 22], size: 15 }),
    ...across.ticks.map((tick) => gridX(tick, across.place(tick))),
    ...up.ticks.map((tick) => gridY(tick, up.place(tick))),
    svgText(x, { at: [(LEFT + RIGHT) / 2, BOTTOM + 36], anchor: 'middle' }),
    svgText(y, { at: [LEFT, TOP - 4], size: 11 }),
    ...drawn,
    '</svg>',
  ].join('\n')}\n`
}

interface Scale {
  readonly ticks: readonly number[]
  place(value: number): string
}

function scale(values: readonly number[], from: number, to: number): Scale {
  const low = Math.floor(Math.log10(Math.min(...values)))
  const high = Math.max(low + 1, Math.ceil(Math.log10(Math.max(...values))))
  return {
    ticks: Array.from({ length: high - low + 1 }, (_, at) => 10 ** (low + at)),
    place: (value) => (from + ((Math.log10(value) - low) / (high - low)) * (to - from)).toFixed(1),
  }
}

function gridX(tick: number, at: string): string {
  const line = `<line x1="${at}" y1="${TOP}" x2="${at}" y2="${BOTTOM}" stroke="${GREY}" stroke-opacity="0.25"/>`
  return line + svgText(figure(tick), { at: [at, BOTTOM + 17], anchor: 'middle', size: 11 })
}

function gridY(tick: number, at: string): string {
  const line = `<line x1="${LEFT}" y1="${at}" x2="${RIGHT}" y2="${at}" stroke="${GREY}" stroke-opacity="0.25"/>`
  return line + svgText(figure(tick), { at: [LEFT - 6, Number(at) + 4], anchor: 'end', size: 11 })
}

function legend(name: string, colour: string, at: number): string {
  const y = BOTTOM + 54 + at * 16
  const key = `<line x1="${LEFT}" y1="${y - 4}" x2="${LEFT + 24}" y2="${y - 4}" stroke="${colour}" stroke-width="3"/>`
  return key + svgText(name, { at: [LEFT + 32, y] })
}

function figure(tick: number): string {
  return tick >= 1 ? tick.toLocaleString('en') : String(Number(tick.toPrecision(1)))
}
