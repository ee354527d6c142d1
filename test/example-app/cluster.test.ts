import { expect } from 'chai'
import { describeWith } from '../support/services'
import { type Finished, runApp, ServingApp } from './app-process'

/** What a view says it cost: the fragments that were rendered for it. */
async function viewed(url: string): Promise<string> {
  const response = await fetch(`${url}/articles/4`)
  await response.text()
  return response.headers.get('x-rendered') ?? ''
}

/** Reads news until one of this type comes. */
async function nextNews(url: string, type: string, act: () => Promise<unknown>): Promise<string> {
  const response = await fetch(`${url}/live`, { signal: AbortSignal.timeout(10_000) })
  await act()
  let text = ''
  // Node's fetch gives the body as an async iterable of bytes.
  for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
    text += Buffer.from(chunk).toString()
    const found = new RegExp(`event: ${type}\\ndata: (.*)\\n\\n`).exec(text)?.[1]
    if (found !== undefined) return found
  }
  throw new Error(`no news of type ${type} came`)
}

describeWith(['postgres', 'redisServer'], 'the example app with --cluster', (servers) => {
  let app: ServingApp
  let ended: Finished | undefined

  before(async () => {
    const redis = await servers.redisServer.start()
    const env = { DATABASE_URL: servers.postgres.url, REDIS_URL: redis.url }
    app = await ServingApp.start(env, ['--cluster'])
  })
  after(async () => {
    if (ended === undefined) await app.stop()
  })

  const urls = (): readonly [string, string] => [app.urls[0] ?? '', app.urls[1] ?? '']

  it('renders on one server what was voted for on the other, and nothing else', async () => {
    const [one, other] = urls()
    await viewed(one)

    await fetch(`${other}/comments/40/votes`, { method: 'POST', redirect: 'manual' })

    expect(await viewed(one)).to.equal('Article 4, Comment 40')
    expect(await viewed(other)).to.equal('')
  })

  it('tells the browsers of one server what was written on the other', async () => {
    const [one, other] = urls()

    const news = await nextNews(one, 'write', () =>
      fetch(`${other}/comments/41/votes`, { method: 'POST', redirect: 'manual' }),
    )

    expect(JSON.parse(news)).to.have.nested.property('report.server', 'B')
    expect(JSON.parse(news)).to.have.nested.property('report.title', 'a vote for comment 41')
  })

  it('ends with both its servers', async () => {
    ended = await app.stop()

    expect(ended).to.include({ code: 0, stderr: '' })
    for (const url of app.urls) {
      const reason = await fetch(url).then(
        () => 'it answers',
        (error: { cause?: { code?: string } }) => error.cause?.code,
      )
      expect(reason).to.equal('ECONNREFUSED')
    }
  })
})

describe('the example app with --cluster, without a database', () => {
  it('says in one line what it needs', async () => {
    const end = await runApp({ args: ['--cluster'] })

    expect(end.code).to.equal(1)
    expect(end.stderr).to.equal(
      '--cluster: two processes need a PostgreSQL; give its DATABASE_URL\n',
    )
  })
})
