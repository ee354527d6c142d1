import { expect } from 'chai'
import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { freePort } from '../support/services-process'
import { type Finished, runApp } from './app-process'

const SECRET = 'hunter2'

function expectOneLine(end: Finished, line: RegExp): void {
  expect(end.code).to.equal(1)
  expect(end.stderr)
    .to.match(/^[^\n]+\n$/)
    .and.match(line)
  expect(end.stderr + end.stdout).not.to.include(SECRET)
}

describe('the example app', () => {
  const misunderstood: readonly (readonly [string, Readonly<Record<string, string>>, RegExp])[] = [
    ['a PORT that is no number', { PORT: 'http' }, /^PORT: "http" is no port; give a number/],
    ['a PORT that is too high', { PORT: '65536' }, /^PORT: "65536" is no port/],
    [
      'a DATABASE_URL that is no URL',
      { DATABASE_URL: SECRET },
      /^DATABASE_URL is not a URL; it should look like postgres:/,
    ],
    [
      'a DATABASE_URL of another database',
      { DATABASE_URL: `mysql://a:${SECRET}@b/c` },
      /^DATABASE_URL is a URL of another kind/,
    ],
    [
      'a password that is not escaped',
      { DATABASE_URL: `postgres://a:1/${SECRET}@b/c` },
      /^DATABASE_URL is not a URL.*%xx/,
    ],
    [
      'an escape that is none',
      { DATABASE_URL: `postgres://a:${SECRET}%zz@b/c` },
      /^DATABASE_URL is not a URL/,
    ],
    [
      'a REDIS_URL that is no URL',
      { REDIS_URL: `:${SECRET}@` },
      /^REDIS_URL is not a URL; it should look like redis:/,
    ],
    [
      'a REDIS_URL of another server',
      { REDIS_URL: `http://a:${SECRET}@b` },
      /^REDIS_URL is a URL of another kind/,
    ],
    [
      'a Redis database that is no number',
      { REDIS_URL: `redis://:${SECRET}@b/c` },
      /^REDIS_URL is a URL of another kind/,
    ],
  ]
  for (const [what, env, line] of misunderstood) {
    it(`says in one line what is wrong with ${what}`, async () => {
      expectOneLine(await runApp({ args: ['--once'], env }), line)
    })
  }

  it('says in one line which argument it does not know', async () => {
    expectOneLine(
      await runApp({ args: ['--onec'] }),
      /^unknown argument "--onec"; there are --once/,
    )
  })

  it('explains itself with --help', async () => {
    const end = await runApp({ args: ['--help'], env: { PORT: 'ignored' } })

    expect(end).to.include({ code: 0, stderr: '' })
    expect(end.stdout).to.include('--once').and.include('DATABASE_URL').and.include('REDIS_URL')
  })

  it('says in one line that a database cannot be reached', async () => {
    const url = `postgres://a:${SECRET}@127.0.0.1:${await freePort()}/b`

    const end = await runApp({ args: ['--once'], env: { DATABASE_URL: url } })

    expectOneLine(end, /^DATABASE_URL: cannot use PostgreSQL at 127\.0\.0\.1:\d+ \(ECONNREFUSED\)/)
  })

  it('says in one line that a Redis cannot be reached', async () => {
    const url = `redis://:${SECRET}@127.0.0.1:${await freePort()}`

    const end = await runApp({ args: ['--once'], env: { REDIS_URL: url } })

    expectOneLine(end, /^REDIS_URL: cannot use Redis at 127\.0\.0\.1:\d+ \(ECONNREFUSED\)/)
  })

  it('says in one line that a port is in use', async () => {
    const taken = createServer().listen(0)
    await once(taken, 'listening')

    const end = await runApp({ env: { PORT: String(portOf(taken)) } })

    taken.close()
    expectOneLine(end, /^PORT: cannot serve on port \d+ \(EADDRINUSE/)
  })
})

describe('the example app, before a server that accepts and is silent', () => {
  const sockets = new Set<Socket>()
  let silent: Server
  let database: Finished
  let redis: Finished

  before(async () => {
    silent = createServer((socket) => sockets.add(socket.on('error', () => undefined))).listen(0)
    await once(silent, 'listening')
    const host = `:${SECRET}@127.0.0.1:${portOf(silent)}`
    ;[database, redis] = await Promise.all([
      runApp({ args: ['--once'], env: { DATABASE_URL: `postgres://a${host}/b` } }),
      runApp({ args: ['--once'], env: { REDIS_URL: `redis://${host}` } }),
    ])
  })
  after(() => {
    for (const socket of sockets) socket.destroy()
    silent.close()
  })

  it('waits about five seconds for the database', () => {
    expectOneLine(database, /^DATABASE_URL: cannot use PostgreSQL at/)
    expect(database.ms).to.be.within(4_500, 12_000)
  })

  it('waits about five seconds for Redis', () => {
    expectOneLine(redis, /^REDIS_URL: cannot use Redis at .* \(no answer in 5 s\)/)
    expect(redis.ms).to.be.within(4_500, 12_000)
  })
})

function portOf(server: Server): number {
  // A server that listens on TCP has an address of this kind.
  return (server.address() as AddressInfo).port
}
