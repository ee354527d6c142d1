// X-ray: each fragment's outline, age and version, on request.

import { fragments } from './fragments.js'

const xray = document.querySelector('#xray')

xray.hidden = false
xray.addEventListener('click', () => turn(!document.body.classList.contains('xray')))
document.addEventListener('keydown', ({ key, target }) => {
  if (key === 'x' && !target.matches('input, textarea')) xray.click()
})

function turn(on) {
  document.body.classList.toggle('xray', on)
  xray.setAttribute('aria-pressed', String(on))
  sessionStorage.setItem('xray', on ? 'on' : 'off')
  void label()
}

/** The versions are asked for only while they are shown: they are no part of what the page costs. */
export async function label() {
  for (const tag of document.querySelectorAll('.tag')) tag.remove()
  if (!document.body.classList.contains('xray')) return
  const shown = fragments()
  const query = new URLSearchParams(
    [...new Set(shown.map(({ dataset }) => dataset.of))].map((of) => ['of', of]),
  )
  const versions = await (await fetch(`/versions?${query}`)).json()
  for (const tag of document.querySelectorAll('.tag')) tag.remove()
  for (const fragment of shown) {
    const { of, made } = fragment.dataset
    const tag = document.createElement('span')
    tag.className = 'tag'
    tag.dataset.version = versions[of]
    tag.dataset.made = made
    tag.textContent = tagText(fragment, versions[of])
    if (fragment.matches('.card')) fragment.append(tag)
    else fragment.prepend(tag)
  }
}

function tagText(fragment, version) {
  const state = fragment.matches('.made') ? 'rendered' : 'hit'
  return `${fragment.dataset.fragment} · ${state} · ${age(fragment.dataset.made)} · ${version}`
}

function age(made) {
  const seconds = Math.max(0, Math.round((Date.now() - Number(made)) / 1000))
  return seconds < 90 ? `${seconds} s` : `${Math.round(seconds / 60)} min`
}

setInterval(() => {
  for (const tag of document.querySelectorAll('.tag'))
    tag.textContent = tagText(tag.closest('[data-fragment]'), tag.dataset.version)
}, 1000)

turn(sessionStorage.getItem('xray') === 'on')
