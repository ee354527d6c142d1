import { expect } from 'chai'
import { describeWith } from '../support/services'
import { type Finished, ServingApp } from './app-process'

describeWith(['redisServer'], 'the example app without its Redis', ({ redisServer }) => {
  let views: readonly (string | null)[]
  let vote: Response
  let ended: Finished

  before(async () => {
    const redis = await redisServer.start()
    const app = await ServingApp.start({ REDIS_URL: redis.url })
    await redis.kill()
    const view = async (): Promise<string | null> => {
      const response = await fetch(`${app.url}/articles/1`)
      return /▲ (\d+)/.exec(await response.text())?.[1] ?? null
    }
    const before = await view()
    vote = await fetch(`${app.url}/comments/1/votes`, { method: 'POST', redirect: 'manual' })
    views = [before, await view()]
    ended = await app.stop()
  })

  it('shows pages, and takes votes that the next view shows', () => {
    expect(vote.status).to.equal(303)
    expect(views).to.deep.equal(['0', '1'])
  })

  it('says so in one line, and ends well', () => {
    expect(ended.code).to.equal(0)
    expect(ended.stderr).to.match(
      /^Redis: [^\n]+; pages are rendered without it until it is back\n$/,
    )
  })
})
