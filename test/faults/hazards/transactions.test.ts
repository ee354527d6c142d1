import { expect } from 'chai'
import { DataSource, type EntitySubscriberInterface, EventSubscriber } from 'typeorm'
import { Sweeper } from '../../../src/index'
import { RedisStore } from '../../../src/redis'
import { type AppProcess, AppProcesses } from '../../support/app-processes'
import { CuttingProxy } from '../../support/cutting-proxy'
import { describeWith } from '../../support/services'
import { until } from '../../support/services-process'
import { Comment, ZOO } from '../../support/zoo'
import { PATIENT } from '../../support/zoo-sweeper'

/** How transactions end. The names are those of docs/consistency.md. */
describeWith(['postgres', 'redis'], 'hazards of the end of a transaction', (services) => {
  const { postgres, redis } = services
  let processes: AppProcesses
  let writer: AppProcess
  let reader: AppProcess

  beforeEach(async () => {
    processes = new AppProcesses(services)
    writer = await processes.start()
    reader = await processes.start()
  })
  afterEach(() => processes.stop())

  it('H2 rolled back', async () => {
    const { id } = await reader.aComment()
    await reader.untilCached(id)

    const outcome = writer.dataSource.transaction(async (manager) => {
      await manager.save(Comment, { id, text: 'y' })
      throw new Error('rolled back')
    })
    await outcome.catch(() => undefined)

    expect(writer.sweeps.count).to.equal(0)
    expect(await reader.cachedText(id)).to.equal('x')
  })

  it('H2 rolled back: to a savepoint', async () => {
    const kept = await reader.aComment()
    const undone = await reader.aComment()
    for (const { id } of [kept, undone]) await reader.untilCached(id)

    await writer.dataSource.transaction(async (manager) => {
      await manager.save(Comment, { id: kept.id, text: 'y' })
      const inner = manager.transaction(async (nested) => {
        await nested.save(Comment, { id: undone.id, text: 'y' })
        throw new Error('rolled back')
      })
      await inner.catch(() => undefined)
    })

    expect(writer.sweeps.records).to.deep.equal([`Comment:${kept.id}`])
    expect(await reader.cachedText(kept.id)).to.equal(undefined)
    expect(await reader.cachedText(undone.id)).to.equal('x')
  })

  it('H9 in-doubt commit', async () => {
    const proxy = await CuttingProxy.before(postgres.url)
    const doubtful = await processes.start({}, { url: proxy.url })
    const { id } = await reader.aComment()
    await reader.untilCached(id)
    // COMMIT is carried out, and the connection breaks before its answer arrives.
    proxy.cutAt('COMMIT\0')

    const outcome = await doubtful.writeText(id, 'y').catch((error: unknown) => error)

    expect(outcome).to.be.instanceOf(Error)
    expect(proxy.cuts).to.equal(1)
    expect(await reader.loadText(id)).to.equal('y')
    expect(await reader.readText(id)).to.equal('y')
    expect(await processes.marksOn(id)).to.equal(undefined)
    await proxy.close()
  })

  it('H9 in-doubt commit: the server ended the connection during COMMIT', async () => {
    const { id } = await reader.aComment()
    await reader.untilCached(id)
    const { manager } = reader.dataSource
    await manager.query(`CREATE FUNCTION held() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN PERFORM pg_advisory_xact_lock(7); RETURN NULL; END $$`)
    await manager.query(`CREATE CONSTRAINT TRIGGER held AFTER UPDATE ON zoo_comment
      DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION held()`)
    const lock = reader.dataSource.createQueryRunner()
    await lock.query('SELECT pg_advisory_lock(7)')
    const before = await processes.textOfToken(id)

    const writing = writer.writeText(id, 'y').catch((error: unknown) => error)
    const waiting = `SELECT pid FROM pg_stat_activity WHERE datname = current_database()
      AND query = 'COMMIT' AND wait_event_type = 'Lock'`
    await until('the COMMIT waiting', 10_000, async () => (await manager.query(waiting)).length > 0)
    await manager.query(`SELECT pg_terminate_backend(pid) FROM (${waiting}) AS waiting`)
    const outcome = await writing
    await lock.query('SELECT pg_advisory_unlock(7)')
    await lock.release()
    await manager.query('DROP FUNCTION held CASCADE')

    // Nobody can know what became of it: treated as committed.
    expect(outcome).to.be.instanceOf(Error)
    expect(await processes.textOfToken(id)).not.to.equal(before)
    expect(await processes.marksOn(id)).to.equal(undefined)
    expect(await reader.readText(id)).to.equal(await reader.loadText(id))
  })

  it('H9b another subscriber throws first', async function () {
    this.timeout(5_000)
    const { id } = await reader.aComment()
    @EventSubscriber()
    class Thrower implements EntitySubscriberInterface {
      afterTransactionCommit(): void {
        throw new Error('not ours')
      }
    }
    const dataSource = new DataSource({
      ...postgres.options,
      entities: ZOO,
      subscribers: [Thrower],
    })
    await dataSource.initialize()
    const store = new RedisStore(redis.connect())
    const { namespace } = processes
    const sweeper = new Sweeper(dataSource, { store, namespace, timeout: PATIENT })
    const swept = new Promise((resolve) => sweeper.on('sweep', resolve))
    await reader.untilCached(id)

    const writing = dataSource.getRepository(Comment).save({ id, text: 'y' })
    const outcome = await writing.catch((error: unknown) => error)

    expect(outcome).to.have.property('message', 'not ours')
    expect(await reader.readText(id)).to.equal('y')
    expect(await swept).to.have.property('delivered', true)
    await dataSource.destroy()
  })

  it('H9b another subscriber throws first: put before ours by hand', async () => {
    const hasty = await processes.start({ marks: { deadline: '200ms' } })
    const { id } = await reader.aComment()
    await reader.untilCached(id)
    hasty.dataSource.subscribers.unshift({
      afterTransactionCommit: () => {
        throw new Error('not ours')
      },
    })

    const outcome = await hasty.writeText(id, 'y').catch((error: unknown) => error)

    // We never hear of the COMMIT; the marks do it.
    expect(outcome).to.have.property('message', 'not ours')
    expect(await reader.readText(id)).to.equal('y')
    expect(await reader.untilCached(id)).to.equal('y')
  })

  it('H10 COMMIT that rolled back', async () => {
    const { id } = await reader.aComment()
    await reader.untilCached(id)

    await writer.dataSource.transaction(async (manager) => {
      await manager.save(Comment, { id, text: 'y' })
      await manager.query('SELECT 1 / 0').catch(() => undefined)
    })

    expect(await reader.loadText(id)).to.equal('x')
    expect(await reader.cachedText(id)).to.equal('x')
    expect(writer.sweeps.count).to.equal(0)
  })

  it('H31 handlers that throw or wait', async function () {
    this.timeout(5_000)
    const hasty = await processes.start({ timeout: { read: '5s', write: '100ms' } })
    const [first, second] = [await reader.aComment(), await reader.aComment()]
    const sweep = hasty.store.hold('sweep')

    await hasty.dataSource.transaction(async (manager) => {
      await manager.save(Comment, { id: first.id, text: 'y' })
      await manager.transaction((nested) => nested.save(Comment, { id: second.id, text: 'y' }))
    })
    const [event] = hasty.sweeps.events

    // The store hangs; the rows are there, and the writer goes on after its bound.
    expect(event).to.have.property('delivered', false)
    expect(await reader.loadText(first.id)).to.equal('y')
    expect(await reader.loadText(second.id)).to.equal('y')
    sweep.release()
  })
})
