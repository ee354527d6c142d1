import express, { type Express } from 'express'
import { expect } from 'chai'
import fastify from 'fastify'
import { createServer, request as send, type IncomingHttpHeaders, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { DataSource } from 'typeorm'
import { record, type Sweeper } from '../../src/index'
import { fresh, requestScope, type FreshOptions } from '../../src/http'
import { RedisStore } from '../../src/redis'
import { recordQueries } from '../support/recorders/record-queries'
import { describeWith } from '../support/services'
import { Article } from '../support/zoo'
import { zooSweeper } from '../support/zoo-sweeper'

interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

interface App {
  readonly port: number
  close(): Promise<unknown>
}

type Options = Omit<FreshOptions, 'on'>

describeWith(['postgres', 'redis'], 'fresh()', ({ postgres, redis }) => {
  let dataSource: DataSource
  let sweeper: Sweeper
  let id: number
  let options: Options
  let app: App

  before(async () => {
    ;({ dataSource, sweeper } = await zooSweeper(postgres.options, {
      store: new RedisStore(redis.connect()),
      namespace: redis.namespace,
    }))
  })
  after(() => dataSource.destroy())
  beforeEach(async () => {
    options = {}
    id = (await dataSource.getRepository(Article).save({ title: 'old' })).id
  })
  afterEach(() => app.close())

  const title = async (): Promise<string> =>
    (await dataSource.getRepository(Article).findOneByOrFail({ id })).title
  const on = (): FreshOptions => ({ on: record(Article, id), ...options })

  function ask(headers: Record<string, string> = {}, method = 'GET'): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const asking = send({ port: app.port, host: '127.0.0.1', method, headers }, (response) => {
        let body = ''
        response.on('data', (chunk: Buffer) => (body += chunk.toString()))
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body }),
        )
      })
      asking.on('error', reject)
      asking.end()
    })
  }

  function aNodeServer(): Promise<App> {
    const scope = requestScope(sweeper)
    return listening(
      createServer((req, res) => {
        scope(req, res, () => {
          void (async () => {
            if (await fresh(sweeper, req, res, on())) return
            res.end(await title())
          })()
        })
      }),
    )
  }

  async function aFastify(): Promise<App> {
    const server = fastify()
    server.addHook('onRequest', requestScope(sweeper))
    server.route({
      method: ['GET', 'HEAD', 'POST'],
      url: '/',
      handler: async (req, reply) => {
        if (await fresh(sweeper, req, reply, on())) return reply
        return title()
      },
    })
    await server.listen({ port: 0, host: '127.0.0.1' })
    return { port: (server.server.address() as AddressInfo).port, close: () => server.close() }
  }

  function anExpress(): Express {
    const server = express()
    server.use(requestScope(sweeper))
    server.all('/', async (req, res) => {
      if (await fresh(sweeper, req, res, on())) return
      res.send(await title())
    })
    return server
  }

  for (const [name, open] of [
    ['node:http', aNodeServer],
    ['Express 5', () => listening(createServer(anExpress()))],
    ['Fastify 5', aFastify],
  ] as const)
    describe(`under ${name}`, () => {
      beforeEach(async () => {
        app = await open()
      })

      it('answers in full first, and 304 to who has it, without SQL', async () => {
        const first = await ask()
        expect([first.status, first.body]).to.deep.equal([200, 'old'])
        expect(first.headers.etag).to.match(/^W\/"[\w-]{43}"$/)
        expect(first.headers['cache-control']).to.equal('private, no-cache')

        const queries = recordQueries(dataSource)
        const second = await ask({ 'if-none-match': String(first.headers.etag) })

        expect([second.status, second.body]).to.deep.equal([304, ''])
        expect(second.headers.etag).to.equal(first.headers.etag)
        expect(second.headers['cache-control']).to.equal('private, no-cache')
        expect(queries.statements).to.deep.equal([])
      })

      it('answers in full after a write', async () => {
        const { headers } = await ask()

        await dataSource.getRepository(Article).update({ id }, { title: 'new' })
        const second = await ask({ 'if-none-match': String(headers.etag) })

        expect([second.status, second.body]).to.deep.equal([200, 'new'])
        expect(second.headers.etag).not.to.equal(headers.etag)
      })

      it('answers HEAD as GET, without a body', async () => {
        const head = await ask({}, 'HEAD')
        const get = await ask()
        const again = await ask({ 'if-none-match': String(head.headers.etag) }, 'HEAD')

        expect([head.status, head.body]).to.deep.equal([200, ''])
        expect(head.headers.etag).to.equal(get.headers.etag)
        expect(again.status).to.equal(304)
      })

      it('leaves other methods alone', async () => {
        const { headers } = await ask()
        const posted = await ask({ 'if-none-match': String(headers.etag) }, 'POST')

        expect([posted.status, posted.body]).to.deep.equal([200, 'old'])
        expect(posted.headers.etag).not.to.equal(headers.etag)
      })
    })

  describe('compares', () => {
    let etag: string
    beforeEach(async () => {
      app = await listening(createServer(anExpress()))
      etag = String((await ask()).headers.etag)
    })

    for (const [what, make, status] of [
      ['a strong tag with the same text', (tag: string) => tag.slice(2), 304],
      ['one of a list, commas in tags included', (tag: string) => `"a,b", W/"c",${tag}`, 304],
      ['any (*)', () => '*', 304],
      ['another tag', () => 'W/"other"', 200],
      ['a text without quotes', (tag: string) => tag.replaceAll('"', ''), 200],
      ['a tag that only contains it', (tag: string) => tag.replace(/"$/, 'x"'), 200],
    ] as const)
      it(`${what}: ${status}`, async () => {
        expect((await ask({ 'if-none-match': make(etag) })).status).to.equal(status)
      })

    it('no date when there are tags', async () => {
      const later = new Date(Date.now() + 60_000).toUTCString()
      const headers = { 'if-none-match': '"other"', 'if-modified-since': later }

      expect((await ask(headers)).status).to.equal(200)
    })
  })

  describe('knows a date', () => {
    beforeEach(async () => {
      // Express answers conditional requests by itself, too, and reads dates less strictly.
      app = await aNodeServer()
    })

    /** There is none while the second of the last change is not over. */
    async function lastModified(): Promise<string> {
      for (;;) {
        const { headers } = await ask()
        if (headers['last-modified'] !== undefined) return headers['last-modified']
        await new Promise((resolve) => setTimeout(resolve, 50))
      }
    }

    it('and answers 304 to it, in every form of it, until a write', async () => {
      const since = await lastModified()
      const { etag } = (await ask()).headers
      expect((await ask({ 'if-modified-since': since })).status).to.equal(304)
      const [, day, date, month, year, time] =
        /^(\w{3}), (\d\d) (\w{3}) (\d{4}) (\S+) GMT$/.exec(since) ?? []
      const asctime = `${day} ${month} ${date?.replace(/^0/, ' ')} ${time} ${year}`
      expect((await ask({ 'if-modified-since': asctime })).status).to.equal(304)
      const before = new Date(Date.parse(since) - 1000).toUTCString()
      expect((await ask({ 'if-modified-since': before })).status).to.equal(200)
      expect((await ask({ 'if-modified-since': '2999' })).status).to.equal(200)

      await dataSource.getRepository(Article).update({ id }, { title: 'new' })

      const after = await ask({ 'if-modified-since': since })
      expect([after.status, after.body]).to.deep.equal([200, 'new'])
      expect(after.headers.etag).not.to.equal(etag)
    })

    it('and none when the response differs by more than headers', async () => {
      await lastModified()
      options = { vary: [{ user: 1 }] }

      expect((await ask()).headers).not.to.have.property('last-modified')
    })
  })

  describe('varies', () => {
    beforeEach(async () => {
      const server = express()
      server.use((_req, res, next) => {
        res.setHeader('Vary', 'Origin')
        next()
      })
      server.use(anExpress())
      app = await listening(createServer(server))
    })

    it('by request headers, which it names once beside those that were named', async () => {
      options = { vary: ['Accept-Language', 'origin'] }
      const de = await ask({ 'accept-language': 'de' })
      const tag = String(de.headers.etag)

      expect(de.headers.vary).to.equal('Origin, Accept-Language')
      expect((await ask({ 'accept-language': 'de', 'if-none-match': tag })).status).to.equal(304)
      expect((await ask({ 'accept-language': 'en', 'if-none-match': tag })).status).to.equal(200)
    })

    it('by values', async () => {
      options = { vary: [{ user: 1n }] }
      const one = await ask()
      options = { vary: [{ user: 2n }] }
      const two = await ask({ 'if-none-match': String(one.headers.etag) })

      expect(two.status).to.equal(200)
      expect(two.headers.vary).to.equal('Origin')
    })

    it('in how long it may be kept, if that is said', async () => {
      options = { cacheControl: 'public, max-age=60' }

      expect((await ask()).headers['cache-control']).to.equal('public, max-age=60')
    })
  })

  it('has no validator while the store is not to be believed', async () => {
    app = await listening(createServer(anExpress()))
    const other = await zooSweeper(postgres.options, { enabled: false, namespace: 'off' })
    const server = createServer((req, res) => {
      void fresh(other.sweeper, req, res, on()).then(() => res.end('full'))
    })
    const off = await listening(server)
    const on1 = app
    app = off
    const answer = await ask({ 'if-none-match': '*' })
    await off.close()
    app = on1

    expect([answer.status, answer.body]).to.deep.equal([200, 'full'])
    expect(answer.headers).not.to.have.property('etag')
    await other.dataSource.destroy()
  })

  it('refuses what is no request and no response', async () => {
    app = await listening(createServer(anExpress()))
    const response = { setHeader: () => undefined } as never
    const thrown = await fresh(sweeper, {} as never, response, on()).catch((e: unknown) => e)
    const other = await fresh(sweeper, { headers: {} }, {} as never, on()).catch((e: unknown) => e)

    expect(thrown).to.have.property('code', 'SWEEPER_INVALID_OPTION')
    expect(other).to.have.property('code', 'SWEEPER_INVALID_OPTION')
  })
})

async function listening(server: Server): Promise<App> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const close = (): Promise<void> =>
    new Promise((resolve, reject) => {
      server.closeAllConnections()
      server.close((error) => (error === undefined ? resolve() : reject(error)))
    })
  return { port: (server.address() as AddressInfo).port, close }
}
