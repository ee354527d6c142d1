import { AssertionError, expect } from 'chai'
import { Redis as Redis5 } from 'ioredis-5'
import { DataSource } from 'typeorm'
import { describeWith, sqljs } from '../services'
import { expectQueries, recordQueries } from './record-queries'
import { expectRedisCommands, recordRedisCommands } from './record-redis-commands'

async function rejectionOf(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => undefined,
    (error: unknown) => error,
  )
}

describe('recordQueries()', () => {
  let dataSource: DataSource
  beforeEach(async () => {
    dataSource = await new DataSource(sqljs()).initialize()
  })
  afterEach(() => dataSource.destroy())

  it('records statements in their order, transactions and savepoints included', async () => {
    const recorder = recordQueries(dataSource)

    await dataSource.transaction(async (outer) => {
      await outer.transaction((inner) => inner.query('SELECT 1'))
    })

    expect(recorder.statements).to.deep.equal([
      'BEGIN TRANSACTION',
      'SAVEPOINT typeorm_1',
      'SELECT 1',
      'RELEASE SAVEPOINT typeorm_1',
      'COMMIT',
    ])
    expect(recorder.count).to.equal(5)
    expect(recorder.matching(/savepoint/i)).to.have.length(2)
  })

  it('forgets on reset', async () => {
    const recorder = recordQueries(dataSource)
    await dataSource.query('SELECT 1')

    recorder.reset()

    expect(recorder.count).to.equal(0)
  })

  it('names the statements when an expectation about their number fails', async () => {
    const recorder = recordQueries(dataSource)
    await dataSource.query('SELECT 0')

    const work = expectQueries(recorder, 1, async () => {
      await dataSource.query('SELECT 1')
      await dataSource.query('SELECT 2')
    })

    const error = await rejectionOf(work)
    expect(error).to.be.instanceOf(AssertionError)
    expect(String(error)).to.contain('1. SELECT 1\n  2. SELECT 2').and.not.contain('SELECT 0')
  })

  it('passes the result of the work on', async () => {
    const recorder = recordQueries(dataSource)

    const rows = await expectQueries(recorder, 1, () =>
      dataSource.query<unknown[]>('SELECT 7 AS n'),
    )

    expect(rows).to.deep.equal([{ n: 7 }])
  })
})

describeWith(['postgres'], 'recordQueries() on PostgreSQL', ({ postgres }) => {
  it('records START TRANSACTION and COMMIT', async () => {
    const dataSource = await new DataSource(postgres.options).initialize()
    const recorder = recordQueries(dataSource)

    await dataSource.transaction((manager) => manager.query('SELECT 1'))
    await dataSource.destroy()

    expect(recorder.statements).to.deep.equal(['START TRANSACTION', 'SELECT 1', 'COMMIT'])
  })
})

describeWith(['redis'], 'recordRedisCommands()', ({ redis }) => {
  it('records each command once, also one that waits for the connection', async () => {
    const client = redis.connect({ lazyConnect: true })
    const recorder = recordRedisCommands(client)

    await client.mget(`${redis.namespace}a`, `${redis.namespace}b`)

    expect(recorder.matching(/mget/)).to.have.length(1)
  })

  it('records the commands of a pipeline one by one', async () => {
    const client = redis.connect()
    await client.ping()
    const recorder = recordRedisCommands(client)

    await client.pipeline().get(`${redis.namespace}a`).get(`${redis.namespace}b`).exec()

    expect(recorder.commands).to.deep.equal(['get', 'get'])
  })

  it('names the commands when an expectation about their number fails', async () => {
    const client = new Redis5(redis.url)
    await client.ping()
    const recorder = recordRedisCommands(client)

    const error = await rejectionOf(
      expectRedisCommands(recorder, 0, () => client.get(`${redis.namespace}a`)),
    )
    client.disconnect()

    expect(String(error)).to.contain('commands sent: get')
  })
})
