import { expect } from 'chai'
import { Redis } from 'ioredis'
import { DataSource } from 'typeorm'
import { describeWith, sqljs } from './services'

for (const name of ['postgres', 'mariadb'] as const) {
  describeWith([name], `a suite with ${name}`, (services) => {
    const nameOf = (url: string): string => new URL(url).pathname.slice(1)

    it('has an empty database of its own', async () => {
      const dataSource = await new DataSource(services[name].options).initialize()
      const [{ tables }] = await dataSource.query<[{ tables: string }]>(
        `SELECT COUNT(*) AS tables FROM information_schema.tables WHERE table_schema IN ('public', '${nameOf(services[name].url)}')`,
      )
      await dataSource.destroy()

      expect(Number(tables)).to.equal(0)
    })

    it('gets another one when it asks', async () => {
      const other = await services[name].createDatabase()

      expect(nameOf(other)).not.to.equal(nameOf(services[name].url))
    })
  })
}

describe('sqljs', () => {
  it('is a database of its own for each DataSource', async () => {
    const one = await new DataSource(sqljs()).initialize()
    const two = await new DataSource(sqljs()).initialize()
    await one.query('CREATE TABLE here (id int)')
    const tables = await two.query<unknown[]>(`SELECT name FROM sqlite_master`)
    await Promise.all([one.destroy(), two.destroy()])

    expect(tables).to.deep.equal([])
  })
})

describe('a suite with redis', () => {
  let removed: string

  describeWith(['redis'], 'while it runs', ({ redis }) => {
    it('has a namespace for its keys', async () => {
      removed = `ns:${redis.namespace}:key`
      await redis.connect().set(removed, 'value', 'PX', 60_000)
    })
  })

  describeWith(['redis'], 'when it is over', ({ redis }) => {
    it('has left none of them', async () => {
      expect(await redis.connect().exists(removed)).to.equal(0)
    })
  })
})

describeWith(['redisServer'], 'a redis server of the suite', ({ redisServer }) => {
  it('loses everything with its process, and comes back as another run', async () => {
    const server = await redisServer.start()
    const { pid, runId } = server
    const client = new Redis(server.url, { retryStrategy: () => 20 })
    client.on('error', () => undefined)
    await client.set('key', 'value')

    await server.restart()

    expect(await client.get('key')).to.equal(null)
    expect(server.pid).not.to.equal(pid)
    expect(server.runId).not.to.equal(runId)
    client.disconnect()
  })

  it('is started with the arguments given', async () => {
    const server = await redisServer.start(['--maxmemory', '3mb'])
    const client = new Redis(server.url)

    expect(await client.config('GET', 'maxmemory')).to.include('3145728')
    client.disconnect()
  })

  it('stops answering while paused, with its connections open', async () => {
    const server = await redisServer.start()
    const client = new Redis(server.url)
    await client.ping()

    await server.pause()
    const answer = client.ping()
    const first = await Promise.race([answer, new Promise((resolve) => setTimeout(resolve, 50))])
    await server.resume()

    expect(first).to.equal(undefined)
    expect(await answer).to.equal('PONG')
    client.disconnect()
  })

  it('is gone when killed', async () => {
    const server = await redisServer.start()
    await server.kill()
    const client = new Redis(server.url, { lazyConnect: true, retryStrategy: () => null })
    client.on('error', () => undefined)

    const outcome = await client.connect().then(
      () => 'connected',
      () => 'refused',
    )

    expect(outcome).to.equal('refused')
  })
})
