'use strict'

// Makes docs/showcase.png: the example blog after a vote, with its X-ray on. Needs a Chromium.

const path = require('node:path')
const { root } = require('./tsc.cjs')

const { ServingApp } = require(path.join(root, '.build/test/example-app/app-process.js'))
const { ChromiumService } = require(path.join(root, '.build/test/support/services-chromium.js'))

const VOTED = 41
const BEFORE = 2

async function main() {
  const app = await ServingApp.start()
  const chromium = new ChromiumService()
  await chromium.open()
  try {
    const page = await chromium.browser.newPage({ viewport: { width: 1180, height: 620 } })
    // Without the flash: the picture is of what stays.
    await page.emulateMedia({ reducedMotion: 'reduce', colorScheme: 'light' })
    const live = page.waitForResponse((response) => response.url().endsWith('/live'))
    await page.goto(`${app.url}/articles/4`)
    await live
    await page.keyboard.press('x')
    for (let votes = 1; votes <= BEFORE; votes++) {
      await page.click(`#comment-${VOTED} button`)
      await page.locator(`#comment-${VOTED}`, { hasText: `▲ ${votes}` }).waitFor()
      await page.locator('.dots .made').first().waitFor()
    }
    await page.locator(`#comment-${VOTED} > .tag`).waitFor()
    await page.evaluate('document.activeElement.blur(), scrollTo(0, 0)')
    const file = path.join(root, process.argv[2] ?? 'docs/showcase.png')
    const { length } = await page.screenshot({ path: file })
    console.log(`${path.relative(root, file)}: ${Math.round(length / 1000)} kB`)
  } finally {
    await chromium.close()
    await app.stop()
  }
}

void main()
