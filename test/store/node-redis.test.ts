import { expect } from 'chai'
import { createClient, createClientPool, createCluster } from 'redis'
import { createClient as createClient5 } from 'redis-5'
import { RedisStore, type NodeRedisClient } from '../../src/redis'
import { itBehavesLikeAStore } from '../../src/store-contract'
import { describeWith } from '../support/services'
import { until } from '../support/services-process'
import type { RedisServer } from '../support/services-redis-server'

const DAY_MS = 86_400_000

type Connected = NodeRedisClient & {
  readonly isOpen: boolean
  destroy(): void
  readonly isReady: boolean
}

/** At once again, and quietly: what goes wrong is told by the commands. */
const settings = (url: string) => ({ url, socket: { reconnectStrategy: () => 20 } })

const VERSIONS: Readonly<Record<string, (url: string) => Promise<Connected>>> = {
  'node-redis 6': async (url) => createClient(settings(url)).on('error', quiet).connect(),
  'node-redis 6 in RESP2': async (url) =>
    createClient({ ...settings(url), RESP: 2 })
      .on('error', quiet)
      .connect(),
  'node-redis 5': async (url) => createClient5(settings(url)).on('error', quiet).connect(),
}

for (const [version, connect] of Object.entries(VERSIONS))
  describeWith(['redis'], `RedisStore on ${version}`, ({ redis }) => {
    let client: Connected

    before(async () => {
      client = await connect(redis.url)
    })

    after(() => client.destroy())

    itBehavesLikeAStore(version, () => new RedisStore(client), { namespace: () => redis.namespace })

    it('rejects with the word of the server, and nothing of what was sent', async () => {
      const key = `{${redis.namespace}}:a list`
      await client.sendCommand(['LPUSH', key, 'secret'])
      const error = await new RedisStore(client)
        .sweep([{ key, row: false }])
        .catch((caught: unknown) => caught)

      expect(error).to.include({ code: 'SWEEPER_STORE_UNAVAILABLE', reason: 'WRONGTYPE' })
      expect(error).not.to.have.property('cause')
    })
  })

for (const [version, connect] of Object.entries(VERSIONS))
  describeWith(['redisServer'], `a server that fails, on ${version}`, ({ redisServer }) => {
    let server: RedisServer
    let client: Connected
    let store: RedisStore

    beforeEach(async () => {
      server = await redisServer.start()
      client = await connect(server.url)
      store = new RedisStore(client)
    })

    afterEach(async () => {
      if (client.isOpen) client.destroy()
      await store.close()
    })

    const wholeOf = async (key: string): Promise<string | undefined> =>
      (await store.read([key], [])).tokens[0]?.whole

    it('does not acknowledge what it had in flight', async () => {
      await store.mint(['token'], DAY_MS)
      await server.pause()
      const swept = store.sweep([{ key: 'token', row: true }]).catch((error: unknown) => error)
      await server.restart()

      expect(await swept).to.include({ code: 'SWEEPER_STORE_UNAVAILABLE' })
    })

    it('comes back with older data as another life', async () => {
      const [minted] = await store.mint(['token'], DAY_MS)
      await client.sendCommand(['SAVE'])
      await server.restart()
      await until('the client being back', 5_000, () => client.isReady)
      const back = await wholeOf('token')

      expect(back).not.to.equal(undefined)
      expect(back).not.to.equal(minted?.whole)
    })

    it('tells that it is reached again, before anything is answered', async () => {
      const order: string[] = []
      await store.mint(['token'], DAY_MS)
      store.onConnected(() => order.push('connected'))
      await server.restart()
      await until('an answer', 5_000, () =>
        store.read(['token'], []).then(
          () => order.push('answered') > 0,
          () => false,
        ),
      )

      expect(order.slice(0, 2)).to.deep.equal(['connected', 'answered'])
    })

    it('is another life to a client that had given up, and was told to connect again', async () => {
      const url = server.url
      const impatient = createClient5({ url, socket: { reconnectStrategy: false } })
      await impatient.on('error', quiet).connect()
      const asked = new RedisStore(impatient)
      const [minted] = await asked.mint(['token'], DAY_MS)
      await client.sendCommand(['SAVE'])
      await server.restart()
      await until('giving up', 5_000, () => !impatient.isReady)
      if (impatient.isOpen) impatient.destroy()
      await impatient.connect()
      const [back] = (await asked.read(['token'], [])).tokens
      impatient.destroy()

      expect(back).not.to.equal(undefined)
      expect(back?.whole).not.to.equal(minted?.whole)
    })

    it('rejects at once when the client was closed', async () => {
      client.destroy()
      const error = await store.read(['token'], []).catch((caught: unknown) => caught)

      expect(error).to.include({ code: 'SWEEPER_STORE_UNAVAILABLE', reason: 'closed' })
    })

    it('is heard by a near tier, which is deaf while it is away', async () => {
      const heard: string[] = []
      const push = store.listen('blog', {
        moved: (keys) => heard.push(...keys),
        listening: () => heard.push('listening'),
        deaf: () => heard.push('deaf'),
      })
      await store.mint(['blog:t:{a:1}'], DAY_MS)
      const last = (word: string) => () => heard.at(-1) === word
      await until('hearing', 5_000, last('listening'))
      await store.sweep([{ key: 'blog:t:{a:1}', row: true }])
      await push.fence()
      const fenced = heard.at(-1)
      await server.kill()
      await until('deafness', 5_000, last('deaf'))
      const fencedWhileDeaf = await push.fence().catch((error: unknown) => error)
      await server.restart()
      await until('hearing again', 10_000, async () => {
        await store.read(['x'], []).catch(() => undefined)
        return last('listening')()
      })
      await store.sweep([{ key: 'blog:t:{a:2}', row: true }])
      await push.fence()
      const fencedAgain = heard.at(-1)
      push.close()

      expect(fenced).to.equal('blog:t:{a:1}')
      expect(fencedWhileDeaf).to.include({ code: 'SWEEPER_STORE_UNAVAILABLE' })
      expect(fencedAgain).to.equal('blog:t:{a:2}')
      expect(heard.filter((word) => word === 'blog:t:{a:2}')).to.have.length(1)
    })
  })

describe('RedisStore given what node-redis makes besides', () => {
  for (const [what, client] of Object.entries({
    'a pool': createClientPool(),
    'a cluster': createCluster({ rootNodes: [{ url: 'redis://127.0.0.1:1' }] }),
  }))
    it(`refuses ${what}`, () => {
      // What JavaScript lets pass.
      const given = client as unknown as NodeRedisClient

      expect(() => new RedisStore(given)).to.throw(/^RedisStore: the client is none that it knows/)
    })
})

function quiet(): void {
  // What goes wrong is told by the commands; without a listener it would end the process.
}
