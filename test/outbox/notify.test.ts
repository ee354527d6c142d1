import { expect } from 'chai'
import { randomBytes } from 'node:crypto'
import { DataSource } from 'typeorm'
import { record, Sweeper, type SweeperOptions } from '../../src/index'
import { RedisStore } from '../../src/redis'
import { describeWith } from '../support/services'
import { until } from '../support/services-process'
import { Page } from '../support/zoo'
import { OutboxApp } from './support/outbox-app'

describeWith(['postgres', 'redis'], 'an outbox that notifies', ({ postgres, redis }) => {
  let listener: OutboxApp
  let plain: DataSource

  const start = (options: SweeperOptions): Promise<OutboxApp> =>
    OutboxApp.start(
      { ...postgres.options, applicationName: 'listener' },
      {
        store: new RedisStore(redis.connect()),
        namespace: `${redis.namespace}-${randomBytes(4).toString('hex')}`,
        ...options,
      },
    )

  beforeEach(async () => {
    // No look of its own comes in the time of a test.
    listener = await start({ outbox: { notify: true, pollEvery: '1h' } })
    plain = await new DataSource(postgres.options).initialize()
    await until('somebody listening', 5_000, isListening)
  })
  afterEach(async () => {
    if (listener.dataSource.isInitialized) await listener.dataSource.destroy()
    await plain.query('DELETE FROM sweep_outbox')
    await plain.destroy()
  })

  const LISTENING = `SELECT pid FROM pg_stat_activity WHERE datname = current_database()
    AND application_name = 'listener' AND query = 'LISTEN sweep_outbox'`

  async function isListening(): Promise<boolean> {
    const found: unknown[] = await plain.query(LISTENING)
    return found.length === 1
  }

  async function leaveRow(): Promise<void> {
    await plain.query(
      `INSERT INTO sweep_outbox (entity, record_id) VALUES ('Page', '7') RETURNING pg_notify('sweep_outbox', '')`,
    )
  }

  it('hears of a row at once, and looks until it is delivered', async () => {
    const page = (): Promise<string> => listener.sweeper.version(record(Page, '7'))
    const before = await page()

    await leaveRow()

    await listener.drained()
    expect(await page()).not.to.equal(before)
    expect(listener.deliveredForOthers).to.equal(1)
  })

  it('listens again when its connection was lost, and finds what came meanwhile', async () => {
    await plain.query(`SELECT pg_terminate_backend(pid) FROM (${LISTENING}) AS listening`)
    await leaveRow()

    await listener.drained()
    await until('somebody listening', 5_000, isListening)
    await leaveRow()
    await listener.drained()

    expect(listener.deliveredForOthers).to.equal(2)
  })

  it('tells of the sweeps of its own transactions, with their COMMIT', async () => {
    const told: unknown[] = []
    const runner = plain.createQueryRunner()
    const client = (await runner.connect()) as { on(event: string, heard: () => void): void }
    client.on('notification', () => told.push('told'))
    await runner.query('LISTEN sweep_outbox')
    const { manager } = listener.dataSource

    await manager
      .transaction(async (inner) => {
        await inner.save(Page, { title: 'undone' })
        throw new Error('rolled back')
      })
      .catch(() => undefined)
    await manager.save(Page, { title: 'kept' })
    await until('a notification', 5_000, () => told.length > 0)

    expect(told).to.deep.equal(['told'])
    await runner.query('UNLISTEN sweep_outbox')
    await runner.release()
  })

  it('gives its connection back when it is closed', async () => {
    await listener.sweeper.close()

    expect(await isListening()).to.equal(false)
    await listener.dataSource.destroy()
  })

  it('is refused where there is no NOTIFY', () => {
    const options = { type: 'mariadb', url: 'mariadb://nobody@127.0.0.1:1/none' } as const

    expect(() => new Sweeper(new DataSource(options), { outbox: { notify: true } }))
      .to.throw('only PostgreSQL has NOTIFY')
      .with.property('code', 'SWEEPER_INVALID_OPTION')
  })
})
