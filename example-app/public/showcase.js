// Everything works without this: forms post, and the page is shown again. With it the page stays where it is,
// is kept up to date by what the server tells, and shows what is behind it.

import { fragments } from './fragments.js'
import { drawDots, showView, showWrite } from './report.js'
import { label } from './xray.js'

const main = document.querySelector('main')

/** Requests of this page under way, and whether somebody wrote meanwhile. */
let busy = 0
let isBehind = false

const madeIn = (root) =>
  new Map(
    [...root.querySelectorAll('[data-fragment]')].map((f) => [f.dataset.fragment, f.dataset.made]),
  )

/** Puts the page's new content in place of the old, and lights up what is new in it. */
function show(page) {
  const before = madeIn(document)
  const draft = main.querySelector('.write')
  main.replaceChildren(...page.querySelector('main').childNodes)
  // What somebody is writing is not thrown away by somebody else's vote.
  if (draft?.contains(document.activeElement) || draft?.text.value)
    main.querySelector('.write')?.replaceWith(draft)
  document.querySelector('#cost').textContent = page.querySelector('#cost').textContent
  for (const fragment of fragments())
    if (before.get(fragment.dataset.fragment) !== fragment.dataset.made)
      fragment.classList.add('made')
  drawDots()
  void label()
}

const parsed = async (answer) => new DOMParser().parseFromString(await answer.text(), 'text/html')

/** Shows what others wrote. Where nothing is new everything stays as it is, what is lit up too. */
async function reload() {
  isBehind = true
  while (isBehind && busy === 0) {
    isBehind = false
    const page = await parsed(await fetch(location.pathname))
    const [before, after] = [madeIn(document), madeIn(page)]
    const isNew =
      before.size !== after.size || [...after].some(([f, made]) => before.get(f) !== made)
    // A request of our own that began meanwhile has an answer that is newer than this one.
    if (busy > 0) isBehind = true
    else if (isNew) show(page)
  }
}

document.addEventListener('submit', (event) => {
  const form = event.target
  if (form.method !== 'post') return
  event.preventDefault()
  void send(form)
})

async function send(form) {
  const pressed = form.getAttribute('action')
  busy += 1
  try {
    const answer = await fetch(form.action, {
      method: 'POST',
      body: new URLSearchParams(new FormData(form)),
    })
    if (answer.ok) {
      if (form.matches('.write')) form.reset()
      show(await parsed(answer))
    }
  } finally {
    busy -= 1
  }
  if (isBehind) void reload()
  // The button was replaced together with its fragment.
  document.querySelector(`form[action="${pressed}"] button`)?.focus({ preventScroll: true })
}

const news = new EventSource('/live')
news.addEventListener('write', ({ data }) => {
  showWrite(JSON.parse(data).report)
  void reload()
})
news.addEventListener('view', ({ data }) => showView(JSON.parse(data).report))
news.addEventListener('store', ({ data }) => {
  const { running } = JSON.parse(data)
  const state = document.querySelector('#store')
  if (state === null) return
  state.textContent = running ? 'running' : 'stopped'
  state.closest('[data-running]').dataset.running = String(running)
})

void label()
