// The panel: what the last write did, and the view after it.

import { fragments } from './fragments.js'

const report = document.querySelector('#report')

let lastView

/** Elements from a list: [name, attributes, ...children]. Text is text, never markup. */
function element([name, attributes, ...children], space = 'http://www.w3.org/1999/xhtml') {
  const made = document.createElementNS(space, name)
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value)
  for (const child of children)
    made.append(Array.isArray(child) ? element(child, space) : String(child))
  return made
}

export function showWrite(write) {
  if (report === null) return
  const parts = [['h3', {}, `${capital(write.title)} (on server ${write.server})`]]
  for (const sentence of write.told) parts.push(['p', {}, sentence])
  const shown = parts.map((part) => element(part))
  if (write.causes.length > 0) shown.push(cascade(write.causes))
  shown.push(element(['div', { id: 'view' }]))
  if (!write.delivered)
    shown.push(
      element(['p', { class: 'moved' }, 'The store has not acknowledged it: it is sent again.']),
    )
  if (write.tokens.length > 0) shown.push(element(['table', {}, ...write.tokens.map(tokenRow)]))
  shown.push(
    element([
      'p',
      { class: 'soft' },
      `The write cost ${write.roundTrips} round trips to the store, ${write.queries} SQL statements and ${write.ms.toFixed(1)} ms.`,
    ]),
  )
  report.replaceChildren(...shown)
  lastView = undefined
}

function tokenRow({ name, before, after }) {
  const moved = before !== after
  return [
    'tr',
    {},
    ['td', {}, name],
    ['td', {}, ['code', {}, before]],
    ['td', {}, moved ? '→' : ''],
    ['td', moved ? { class: 'moved' } : {}, ['code', {}, moved ? after : 'unchanged']],
  ]
}

/** The longest way of the cascade from left to right, as a picture. */
function cascade(causes) {
  const columns = []
  for (const { record, path } of causes)
    (columns[path.length] ??= new Set()).add(record.replace(':', ' '))
  const width = 320
  const step = width / columns.length
  const box = Math.min(96, step - 18)
  const height = 12 + 34 * Math.max(...columns.map((names) => names?.size ?? 0))
  const shapes = columns.flatMap((names, column) => {
    const x = step * (column + 0.5)
    return [...(names ?? [])].flatMap((name, row) => {
      const y = 18 + 34 * row
      const from = x - box / 2
      const arrow =
        column === 0
          ? []
          : [['path', { d: `M${from - (step - box) + 2} 18 L${from - 3} ${y} m-6 -4 l6 4 l-6 4` }]]
      return [
        ...arrow,
        ['rect', { x: from, y: y - 13, width: box, height: 26, rx: 6 }],
        ['text', { x, y: y + 4 }, name],
      ]
    })
  })
  const label = columns.map((names) => [...(names ?? [])].join(' and ')).join(', then ')
  return element(
    [
      'svg',
      { class: 'cascade', viewBox: `0 0 ${width} ${height}`, role: 'img', 'aria-label': label },
      ...shapes,
    ],
    'http://www.w3.org/2000/svg',
  )
}

export function showView(view) {
  lastView = view
  const place = document.querySelector('#view')
  if (place === null) return
  const alone = view.onPage - view.rendered.length
  const names =
    view.rendered.length > 5
      ? `${view.rendered.slice(0, 5).join(', ')}, …`
      : view.rendered.join(', ')
  place.replaceChildren(
    ...[
      [
        'p',
        { class: 'big' },
        ['b', {}, `${view.rendered.length} rendered`],
        ', ',
        ['i', {}, `${Math.max(0, alone)} left alone`],
      ],
      ['div', { class: 'dots', 'aria-hidden': 'true' }],
      ['p', {}, `Rendered: ${names}.`],
      [
        'p',
        { class: 'soft' },
        `The view on server ${view.server} cost ${view.roundTrips} round trips and ${view.ms.toFixed(1)} ms.`,
      ],
    ].map((part) => element(part)),
  )
  drawDots()
}

export function drawDots() {
  const place = document.querySelector('.dots')
  if (place === null || lastView === undefined) return
  const rendered = new Set(lastView.rendered)
  place.replaceChildren(
    ...fragments().map(({ dataset }) =>
      element(['span', rendered.has(dataset.fragment) ? { class: 'made' } : {}]),
    ),
  )
}

const capital = (text) => text[0].toUpperCase() + text.slice(1)
