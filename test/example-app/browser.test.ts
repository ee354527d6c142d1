import { expect } from 'chai'
import type { BrowserContext, Page } from 'playwright-core'
import { describeWith } from '../support/services'
import { ServingApp } from './app-process'

const WAITS_AT_MOST_MS = 10_000

/** When each fragment of the page was rendered, by its name. */
function fragmentsOf(page: Page): Promise<Record<string, string>> {
  return page.evaluate(
    `Object.fromEntries([...document.querySelectorAll('[data-fragment]')]
      .map(({ dataset }) => [dataset.fragment, dataset.made]))`,
  )
}

function changed(before: Record<string, string>, after: Record<string, string>): readonly string[] {
  return Object.keys(after).filter((name) => before[name] !== after[name])
}

describeWith(['chromium'], 'the example app in a browser', ({ chromium }) => {
  let app: ServingApp
  let contexts: BrowserContext[]
  const problems: string[] = []

  before(async () => {
    app = await ServingApp.start()
  })
  beforeEach(() => {
    contexts = []
    problems.length = 0
  })
  afterEach(async () => {
    for (const context of contexts) await context.close()
    expect(problems).to.deep.equal([])
  })
  after(() => app.stop())

  /** The article with forty-nine comments, in a browser of its own, connected to the news. */
  async function opened(): Promise<Page> {
    const context = await chromium.browser.newContext()
    contexts.push(context)
    const page = await context.newPage()
    page.setDefaultTimeout(WAITS_AT_MOST_MS)
    page.on('pageerror', (error) => problems.push(error.message))
    page.on('console', (message) => {
      if (message.type() === 'error') problems.push(message.text())
    })
    const live = page.waitForResponse((response) => response.url().endsWith('/live'))
    await page.goto(`${app.url}/articles/4`)
    await live
    return page
  }

  function votesFor(page: Page, comment: number, votes: number): Promise<void> {
    return page
      .locator(`#comment-${comment}`, { hasText: `▲ ${votes}` })
      .waitFor({ state: 'visible' })
  }

  it('shows fifty fragments', async () => {
    const page = await opened()

    expect(Object.keys(await fragmentsOf(page))).to.have.lengthOf(50)
  })

  it('renders two fragments for a vote, leaves forty-eight alone, and says so', async () => {
    const page = await opened()
    const before = await fragmentsOf(page)

    await page.click('#comment-40 button')
    await votesFor(page, 40, 1)

    expect(changed(before, await fragmentsOf(page))).to.deep.equal(['Article 4', 'Comment 40'])
    await page.locator('#view', { hasText: '2 rendered, 48 left alone' }).waitFor()
    expect(await page.locator('.dots .made').count()).to.equal(2)
    expect(await page.locator('.dots span').count()).to.equal(50)
  })

  it('shows the vote in another browser, without a reload', async () => {
    const voter = await opened()
    const other = await opened()
    const before = await fragmentsOf(other)

    await voter.click('#comment-41 button')
    await votesFor(other, 41, 1)

    expect(changed(before, await fragmentsOf(other))).to.deep.equal(['Article 4', 'Comment 41'])
    await other.locator('#report h3', { hasText: 'A vote for comment 41' }).waitFor()
  })

  it('shows the cascade, and which tokens have moved', async () => {
    const page = await opened()

    await page.click('#comment-42 button')
    await page.locator('#report h3', { hasText: 'A vote for comment 42' }).waitFor()

    const picture = await page.locator('svg.cascade').getAttribute('aria-label')
    expect(picture).to.match(/^Vote \d+, then Comment 42, then Article 4$/)
    const moved = await page.evaluate(
      `[...document.querySelectorAll('#report tr')]
        .map((row) => [row.cells[0].textContent, row.querySelector('.moved') !== null])`,
    )
    expect(moved).to.deep.equal([
      ['Comment 42', true],
      ['Article 4', true],
    ])
  })

  it('moves no token and renders nothing for what is rolled back', async () => {
    const page = await opened()
    const before = await fragmentsOf(page)

    await page.getByRole('button', { name: 'Roll back' }).click()
    await page.locator('#report h3', { hasText: 'rolled back' }).waitFor()
    await page.locator('#cost', { hasText: 'Nothing was rendered' }).waitFor()

    expect(await page.locator('#report .moved').count()).to.equal(0)
    expect(changed(before, await fragmentsOf(page))).to.deep.equal([])
  })

  it('serves nobody what lost the race', async () => {
    const page = await opened()

    await page.getByRole('button', { name: 'Race' }).click()
    await page.locator('#report h3', { hasText: 'A race on comment 37' }).waitFor()

    const told = await page.locator('#report').innerText()
    expect(told)
      .to.match(/loaded 0 votes/)
      .and.match(/next reader got 1 votes/)
  })

  it('shows each fragment’s age and version on request, by key', async () => {
    const page = await opened()

    await page.keyboard.press('x')
    await page.locator('#comment-43 > .tag').waitFor()

    expect(await page.locator('.tag').count()).to.equal(50)
    expect(await page.locator('#comment-43 > .tag').innerText()).to.match(
      /^Comment 43 · hit · \d+ (s|min) · [\w-]{7}$/,
    )
    expect(await page.getAttribute('#xray', 'aria-pressed')).to.equal('true')
  })

  it('works on without its store, and is right when the store is back', async () => {
    const page = await opened()

    await page.getByRole('button', { name: 'Stop the store' }).click()
    await page.locator('#store', { hasText: 'stopped' }).waitFor()
    await page.click('#comment-44 button')
    await votesFor(page, 44, 1)
    await page.locator('#view', { hasText: '50 rendered, 0 left alone' }).waitFor()
    await page.getByRole('button', { name: 'Start it again' }).click()
    await page.locator('#store', { hasText: 'running' }).waitFor()

    await votesFor(page, 44, 1)
    await page.click('#comment-44 button')
    await votesFor(page, 44, 2)
  })

  it('keeps its panel and every button within the width of a phone', async () => {
    const page = await opened()

    await page.setViewportSize({ width: 360, height: 740 })

    expect(await page.evaluate('document.documentElement.scrollWidth')).to.equal(360)
    expect(await page.locator('.panel').isVisible()).to.equal(true)
  })

  it('works without scripts: a vote is a form', async () => {
    const context = await chromium.browser.newContext({ javaScriptEnabled: false })
    contexts.push(context)
    const page = await context.newPage()
    await page.goto(`${app.url}/articles/4`)

    await page.click('#comment-45 button')
    await votesFor(page, 45, 1)

    expect(page.url()).to.match(/\/articles\/4#comment-45$/)
    expect(await page.innerText('#cost')).to.match(
      /^2 fragments of 50 rendered .*: Article 4, Comment 45/,
    )
  })
})
