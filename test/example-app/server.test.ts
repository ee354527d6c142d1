import { expect } from 'chai'
import { describeWith } from '../support/services'
import { type Finished, ServingApp } from './app-process'

const MANUAL = { redirect: 'manual' } as const

function post(url: string, form: Readonly<Record<string, string>> = {}): Promise<Response> {
  return fetch(url, { method: 'POST', body: new URLSearchParams(form), ...MANUAL })
}

/** The fragments that were rendered for one view of a page. */
async function renderedFor(url: string): Promise<readonly string[]> {
  const response = await fetch(url)
  await response.text()
  const names = response.headers.get('x-rendered') ?? ''
  return names === '' ? [] : names.split(', ').toSorted()
}

describe('the server of the example app', () => {
  let app: ServingApp

  before(async () => {
    app = await ServingApp.start()
  })
  after(() => app.stop())

  it('lists the articles', async () => {
    const body = await (await fetch(app.url)).text()

    expect(body).to.include('<a href="/articles/1">Two hard things</a>').and.include('comments, ')
  })

  it('shows an article with its comments, escaped', async () => {
    const body = await (await fetch(`${app.url}/articles/2`)).text()

    expect(body).to.include('Why we sweep instead of delete').and.include('id="comment-13"')
    expect(body).to.include('&lt;script&gt;alert(&quot;escaping&quot;)&lt;/script&gt;')
    expect(body).not.to.include('<script>')
  })

  it('renders nothing for a second view', async () => {
    await renderedFor(`${app.url}/articles/1`)

    expect(await renderedFor(`${app.url}/articles/1`)).to.deep.equal([])
  })

  it('renders exactly the comment and the article after a vote', async () => {
    await renderedFor(`${app.url}/articles/1`)

    const voted = await post(`${app.url}/comments/3/votes`)

    expect(voted.status).to.equal(303)
    expect(voted.headers.get('location')).to.equal('/articles/1#comment-3')
    expect(await renderedFor(`${app.url}/articles/1`)).to.deep.equal(['Article 1', 'Comment 3'])
  })

  it('renders the list and one teaser after a vote', async () => {
    await renderedFor(app.url)

    await post(`${app.url}/comments/3/votes`)

    expect(await renderedFor(app.url)).to.deep.equal(['the list', 'the teaser of Article 1'])
  })

  it('leaves other articles alone', async () => {
    await renderedFor(`${app.url}/articles/2`)

    await post(`${app.url}/comments/3/votes`)

    expect(await renderedFor(`${app.url}/articles/2`)).to.deep.equal([])
  })

  it('adds a comment and shows it', async () => {
    const added = await post(`${app.url}/articles/3/comments`, {
      author: 'Eve',
      text: '<b>hi</b> & bye',
    })
    const place = added.headers.get('location') ?? ''
    const body = await (await fetch(new URL(place, app.url))).text()

    expect(added.status).to.equal(303)
    expect(place).to.match(/^\/articles\/3#comment-\d+$/)
    expect(body).to.include('&lt;b&gt;hi&lt;/b&gt; &amp; bye')
  })

  const refused = [
    [404, 'GET', '/nowhere'],
    [404, 'GET', '/articles/999'],
    [404, 'GET', '/articles/99999999999999999999'],
    [404, 'GET', '/articles/one'],
    [404, 'POST', '/comments/999/votes'],
    [405, 'POST', '/'],
    [405, 'DELETE', '/articles/1'],
    [405, 'GET', '/comments/1/votes'],
  ] as const
  for (const [status, method, path] of refused) {
    it(`answers ${status} to ${method} ${path}`, async () => {
      const response = await fetch(`${app.url}${path}`, { method, ...MANUAL })

      expect(response.status).to.equal(status)
    })
  }

  it('names the method that an address takes', async () => {
    const response = await fetch(`${app.url}/comments/1/votes`)

    expect(response.headers.get('allow')).to.equal('POST')
  })

  it('answers 404 to a comment on an article that is not there', async () => {
    const response = await post(`${app.url}/articles/999/comments`, { author: 'Eve', text: 'hi' })

    expect(response.status).to.equal(404)
  })

  const incomplete = [
    ['no author', { text: 'hi' }],
    ['a blank text', { author: 'Eve', text: '  ' }],
    ['an overlong author', { author: 'E'.repeat(61), text: 'hi' }],
  ] as const
  for (const [what, form] of incomplete) {
    it(`answers 400 to a comment with ${what}`, async () => {
      const response = await post(`${app.url}/articles/1/comments`, form)

      expect(response.status).to.equal(400)
    })
  }

  it('answers 413 to a body that is too long', async () => {
    const response = await post(`${app.url}/articles/1/comments`, { text: 'x'.repeat(1_000_000) })

    expect(response.status).to.equal(413)
  })
})

describe('the end of the example app', () => {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    it(`is a clean one after ${signal}`, async () => {
      const app = await ServingApp.start()
      await renderedFor(app.url)

      const ended: Finished = await app.stop(signal)

      expect(ended).to.include({ code: 0, stderr: '' })
    })
  }
})

describeWith(['postgres', 'redisServer'], 'two example apps on the same servers', (servers) => {
  let one: ServingApp
  let other: ServingApp

  before(async () => {
    const redis = await servers.redisServer.start()
    const env = { DATABASE_URL: servers.postgres.url, REDIS_URL: redis.url }
    one = await ServingApp.start(env)
    other = await ServingApp.start(env)
  })
  after(() => Promise.all([one.stop(), other.stop()]))

  it('share what they render', async () => {
    await post(`${one.url}/comments/14/votes`)
    const here = await renderedFor(`${one.url}/articles/2`)
    await renderedFor(`${one.url}/articles/2`)

    expect(here).to.deep.equal(['Article 2', 'Comment 14'])
    expect(await renderedFor(`${other.url}/articles/2`)).to.deep.equal([])
  })

  it('see each other’s writes at once', async () => {
    await renderedFor(`${one.url}/articles/2`)

    await post(`${other.url}/comments/14/votes`)

    expect(await renderedFor(`${one.url}/articles/2`)).to.deep.equal(['Article 2', 'Comment 14'])
  })
})
