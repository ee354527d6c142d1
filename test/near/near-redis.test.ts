import { expect } from 'chai'
import type { Redis } from 'ioredis'
import { record, type NearTierOptions } from '../../src/index'
import { RedisStore } from '../../src/redis'
import { RedisClients } from '../support/redis-clients'
import { recordRedisCommands } from '../support/recorders/record-redis-commands'
import { GatedStore } from '../support/gated-store'
import { describeWith } from '../support/services'
import { until } from '../support/services-process'
import type { RedisServer } from '../support/services-redis-server'
import { Article } from '../support/zoo'
import { zooSweeper, type ZooSweeper } from '../support/zoo-sweeper'

/** Two processes' worth: each with a connection, a Sweeper and a near tier of its own. */
describeWith(['postgres', 'redisServer'], 'the near tier on Redis', ({ postgres, redisServer }) => {
  let server: RedisServer
  let clients: RedisClients
  const zoos: ZooSweeper[] = []
  let reader: ZooSweeper
  let writer: ZooSweeper
  let readerClient: Redis
  let loads = 0

  beforeEach(async () => {
    server = await redisServer.start()
    clients = new RedisClients()
    readerClient = clients.connect(server.url)
    reader = await start(readerClient, { level: 'bounded' })
    writer = await start(clients.connect(server.url))
    loads = 0
  })
  afterEach(async () => {
    for (const { dataSource } of zoos.splice(0)) await dataSource.destroy()
    clients.close()
    await server.stop()
  })

  async function start(client: Redis, near: NearTierOptions | false = false): Promise<ZooSweeper> {
    const options = { store: new RedisStore(client), namespace: 'near', near }
    const zoo = await zooSweeper(postgres.options, options)
    zoos.push(zoo)
    return zoo
  }

  const save = (article: Partial<Article>): Promise<Partial<Article> & Article> =>
    writer.dataSource.getRepository(Article).save(article)

  function title(
    id: number,
    near?: 'strict' | 'request' | 'bounded' | false,
    zoo = reader,
  ): Promise<string> {
    return zoo.sweeper.getOrSet({
      on: record(Article, id),
      key: 'title',
      ...(near === undefined ? {} : { near }),
      factory: async () => {
        loads++
        const found = await zoo.dataSource.getRepository(Article).findOneByOrFail({ id })
        return found.title
      },
    })
  }

  /** Until it is read without asking the server. */
  async function untilNear(id: number): Promise<void> {
    const sent = recordRedisCommands(readerClient)
    await until('the near tier holding it', 5_000, async () => {
      await title(id)
      sent.reset()
      await title(id)
      return sent.matching(/mget/).length === 0
    })
  }

  it('serves without a command, and without making a promise', async () => {
    const { id } = await save({ title: 'a' })
    await untilNear(id)
    const sent = recordRedisCommands(readerClient)
    const promises = [title(id), title(id)]
    expect(promises[0]).to.equal(promises[1])
    expect(await promises[0]).to.equal('a')
    expect(sent.commands).to.deep.equal([])
  })

  it('hears of a write of another process', async () => {
    const { id } = await save({ title: 'a' })
    await untilNear(id)
    await save({ id, title: 'b' })
    await reader.sweeper.fence()
    expect(await title(id)).to.equal('b')
  })

  it('knows of a write of its own before save() resolves', async () => {
    const { id } = await save({ title: 'a' })
    for (let round = 0; round < 20; round++) {
      await untilNear(id)
      await reader.dataSource.getRepository(Article).save({ id, title: `${round}` })
      expect(await title(id)).to.equal(`${round}`)
    }
  })

  it('is never older than its request at level request, at the cost of one fence', async () => {
    const { id } = await save({ title: 'a' })
    await untilNear(id)
    for (let round = 0; round < 50; round++) {
      await save({ id, title: `${round}` })
      const read = await reader.sweeper.request(async () => [
        await title(id, 'request'),
        await title(id, 'request'),
      ])
      expect(read).to.deep.equal([`${round}`, `${round}`])
    }
    await untilNear(id)
    const sent = recordRedisCommands(readerClient)
    await reader.sweeper.request(async () => {
      for (let count = 0; count < 50; count++) await title(id, 'request')
    })
    expect(sent.commands).to.deep.equal([])
  })

  it('asks for the tokens on every read at level strict, and outside of a request', async () => {
    const { id } = await save({ title: 'a' })
    await untilNear(id)
    const sent = recordRedisCommands(readerClient)
    expect(await title(id, 'strict')).to.equal('a')
    expect(await title(id, 'request')).to.equal('a')
    expect(sent.commands).to.deep.equal(['mget', 'mget'])
    for (let round = 0; round < 50; round++) {
      await save({ id, title: `${round}` })
      expect(await title(id, 'strict')).to.equal(`${round}`)
    }
  })

  it('can be left out of a read', async () => {
    const { id } = await save({ title: 'a' })
    await untilNear(id)
    const sent = recordRedisCommands(readerClient)
    expect(await title(id, false)).to.equal('a')
    expect(sent.commands).to.deep.equal(['mget'])
  })

  it('is empty and off when its connection is lost, and on again after it (H17)', async () => {
    const { id } = await save({ title: 'a' })
    await untilNear(id)
    const control = clients.connect(server.url)
    const own = String(await readerClient.client('ID'))
    const list = String(await control.client('LIST'))
    const subscriber = list.split('\n').find((line) => / sub=1 /.test(line))
    const pushId = /^id=(\d+)/.exec(subscriber ?? '')?.[1]
    expect(pushId).not.to.be.oneOf([undefined, own])

    const sent = recordRedisCommands(readerClient)
    await control.client('KILL', 'ID', Number(pushId))
    await until('the push connection being gone', 5_000, async () => {
      sent.reset()
      await title(id)
      return sent.matching(/mget/).length > 0
    })
    await save({ id, title: 'b' })
    await until('the near tier hearing again', 5_000, async () => (await title(id)) === 'b')
    await untilNear(id)
    await save({ id, title: 'c' })
    await reader.sweeper.fence()
    expect(await title(id)).to.equal('c')
  })

  it('serves nothing old after the server hung, whatever is read meanwhile', async () => {
    const { id } = await save({ title: 'a' })
    await untilNear(id)
    await server.pause()
    const fenced = reader.sweeper.fence()
    await new Promise((resolve) => setTimeout(resolve, 10))
    await server.resume()
    await fenced
    await save({ id, title: 'b' })
    await reader.sweeper.fence()
    expect(await title(id)).to.equal('b')
  })

  it('is off once the server has not answered a heartbeat, and on again after it (H17)', async () => {
    const { id } = await save({ title: 'a' })
    await untilNear(id)
    await server.pause()
    loads = 0
    await until('the near tier being off', 10_000, async () => {
      await title(id)
      return loads > 0
    })
    await server.resume()
    await untilNear(id)
  })

  it('hears of marks: a writer that dies between COMMIT and sweep leaves nothing near (H16b)', async () => {
    const { id } = await save({ title: 'a' })
    await untilNear(id)
    const gated = new GatedStore(new RedisStore(clients.connect(server.url)))
    const dying = await zooSweeper(postgres.options, { store: gated, namespace: 'near' })
    zoos.push(dying)
    const sweep = gated.hold('sweep')
    const saving = dying.dataSource.getRepository(Article).save({ id, title: 'b' })
    await sweep.reached
    await reader.sweeper.fence()
    expect(await title(id)).to.equal('b')
    expect(await title(id)).to.equal('b')
    sweep.release()
    await saving
  })

  it('notices that the server was emptied', async () => {
    const { id } = await save({ title: 'a' })
    await untilNear(id)
    loads = 0
    await clients.connect(server.url).flushall()
    await until('the near tier being empty', 5_000, async () => {
      await title(id)
      return loads > 0
    })
  })

  it('serves nothing old from a server that was restarted', async () => {
    const { id } = await save({ title: 'a' })
    await untilNear(id)
    await server.restart()
    await save({ id, title: 'b' })
    expect(await title(id, 'strict')).to.equal('b')
    await until('the near tier hearing again', 5_000, async () => (await title(id)) === 'b')
    await untilNear(id)
  })

  it('ends with its Sweeper, and its connection with it', async () => {
    const control = clients.connect(server.url)
    const count = async (): Promise<number> =>
      String(await control.client('LIST'))
        .split('\n')
        .filter((line) => / sub=1 /.test(line)).length
    await until('the subscription', 5_000, async () => (await count()) === 1)
    await reader.sweeper.close()
    await until('the connection being closed', 5_000, async () => (await count()) === 0)
  })
})
