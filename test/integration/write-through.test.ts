import { expect } from 'chai'
import {
  Column,
  DataSource,
  DeleteDateColumn,
  Entity,
  PrimaryGeneratedColumn,
  type DataSourceOptions,
  type EntityManager,
} from 'typeorm'
import { MemoryStore, Sweepable, Sweeper, SweepSubscriber, type Store } from '../../src/index'
import { RedisStore } from '../../src/redis'
import { CuttingProxy } from '../support/cutting-proxy'
import { GatedStore } from '../support/gated-store'
import { holdQuery } from '../support/held-queries'
import { recordQueries } from '../support/recorders/record-queries'
import { describeWith, sqljs } from '../support/services'
import { PATIENT } from '../support/zoo-sweeper'

@Entity('through_car')
@Sweepable({ writeThrough: true })
class Car {
  @PrimaryGeneratedColumn() id!: number
  @Column({ default: '' }) name!: string
  @Column({ default: 'red' }) colour!: string
  @DeleteDateColumn() deletedAt!: Date | null
}

interface App {
  readonly dataSource: DataSource
  readonly sweeper: Sweeper
  readonly store: GatedStore
}

async function open(database: DataSourceOptions, store: Store, namespace: string): Promise<App> {
  const dataSource = new DataSource({
    ...database,
    entities: [Car],
    subscribers: [SweepSubscriber],
    synchronize: true,
  } as DataSourceOptions)
  const gated = new GatedStore(store)
  const sweeper = new Sweeper(dataSource, { store: gated, namespace, timeout: PATIENT })
  await dataSource.initialize()
  return { dataSource, sweeper, store: gated }
}

/** What the cache has, without anybody loading it: undefined for nothing. */
async function cached({ dataSource, sweeper, store }: App, id: number): Promise<unknown> {
  await store.idle()
  const sql = recordQueries(dataSource)
  const car = await sweeper.find(Car, id)
  await store.idle()
  return sql.count === 0 ? (car?.name ?? null) : undefined
}

describeWith(['postgres', 'redis'], 'objects that are written through', ({ postgres, redis }) => {
  let one: App
  let other: App

  beforeEach(async () => {
    const namespace = `${redis.namespace}-through`
    one = await open(postgres.options, new RedisStore(redis.connect()), namespace)
    other = await open(postgres.options, new RedisStore(redis.connect()), namespace)
  })
  afterEach(async () => {
    for (const { dataSource } of [one, other]) await dataSource.destroy()
  })

  const rename = (name: string, id: number) => (manager: EntityManager) =>
    manager.save(Car, { id, name })

  it('are in the cache when save() has resolved, as they are in the database', async () => {
    const { id } = await one.dataSource.getRepository(Car).save({ name: 'a' })
    expect(await cached(other, id)).to.equal('a')

    await one.dataSource.getRepository(Car).save({ id, name: 'b' })
    expect(await cached(other, id)).to.equal('b')
    await one.dataSource.getRepository(Car).update(id, { name: 'c' })
    expect(await cached(other, id)).to.equal('c')
  })

  it('are out of it when they were removed, and that is remembered', async () => {
    const cars = one.dataSource.getRepository(Car)
    const [a, b] = [await cars.save({ name: 'a' }), await cars.save({ name: 'b' })]

    await cars.softDelete(a.id)
    const bId = b.id
    await cars.remove(b)

    expect([await cached(other, a.id), await cached(other, bId)]).to.deep.equal([null, null])
  })

  it('a partial entity leaves the columns that it lacks as they are', async () => {
    const cars = one.dataSource.getRepository(Car)
    const { id } = await cars.save({ name: 'a', colour: 'blue' })

    await cars.save({ id, name: 'b' })

    expect(await cached(other, id)).to.equal('b')
    expect((await other.sweeper.find(Car, id))?.colour).to.equal('blue')
  })

  it('a save that was rolled back puts nothing there, whole or to a savepoint', async () => {
    const cars = one.dataSource.getRepository(Car)
    const { id } = await cars.save({ name: 'a' })
    const no = new Error('no')
    const refuse = (error: unknown): void => expect(error).to.equal(no) as never

    await one.dataSource
      .transaction(async (manager) => {
        await rename('rolled back', id)(manager)
        throw no
      })
      .catch(refuse)
    await one.dataSource.transaction(async (manager) => {
      await manager
        .transaction(async (inner) => {
          await rename('rolled back', id)(inner)
          throw no
        })
        .catch(refuse)
    })

    expect(await cached(other, id)).to.equal('a')
  })

  it('two writers whose cache writes arrive in the other order than their commits', async () => {
    const { id } = await one.dataSource.getRepository(Car).save({ name: 'a' })
    await one.store.idle()
    const late = one.store.hold('write')

    await one.dataSource.transaction(rename('first', id))
    await late.reached
    await other.dataSource.transaction(rename('second', id))
    await other.store.idle()
    late.release()
    await one.store.idle()

    expect((await one.sweeper.find(Car, id))?.name).to.equal('second')
    expect((await other.sweeper.find(Car, id))?.name).to.equal('second')
  })

  it('two writers, the first of whom reads again before the second commits', async () => {
    const { id } = await one.dataSource.getRepository(Car).save({ name: 'a' })
    const reading = holdQuery(one.dataSource, 'SELECT "object"', { when: 'after' })

    const first = one.dataSource.transaction((manager) =>
      manager.update(Car, id, { name: 'first' }),
    )
    await reading.reached
    await other.dataSource.transaction((manager) => manager.update(Car, id, { name: 'second' }))
    reading.release()
    await first
    await one.store.idle()

    expect((await one.sweeper.find(Car, id))?.name).to.equal('second')
  })

  it('a save and a removal', async () => {
    const { id } = await one.dataSource.getRepository(Car).save({ name: 'a' })
    await one.store.idle()
    const late = one.store.hold('write')

    await one.dataSource.transaction(rename('saved', id))
    await late.reached
    await other.dataSource.getRepository(Car).delete(id)
    await other.store.idle()
    late.release()
    await one.store.idle()

    expect(await one.sweeper.find(Car, id)).to.equal(null)
  })

  it('a reader that fills in between', async () => {
    const { id } = await one.dataSource.getRepository(Car).save({ name: 'a' })
    await one.sweeper.sweep(Car)
    const reading = holdQuery(other.dataSource, 'SELECT "object"', { when: 'after' })

    const reader = other.sweeper.find(Car, id, { fresh: true })
    await reading.reached
    await one.dataSource.transaction(rename('b', id))
    reading.release()
    await reader
    await other.store.idle()

    expect((await one.sweeper.find(Car, id))?.name).to.equal('b')
    expect((await other.sweeper.find(Car, id))?.name).to.equal('b')
  })

  it('a statement whose answer is lost with its connection: swept, and not read again on what is left of it', async () => {
    const { id } = await one.dataSource.getRepository(Car).save({ name: 'a' })
    const proxy = await CuttingProxy.before(postgres.url)
    const doubtful = await open(
      { ...postgres.options, url: proxy.url } as DataSourceOptions,
      new RedisStore(redis.connect()),
      `${redis.namespace}-through`,
    )
    const warnings: Error[] = []
    const warned = (warning: Error): unknown => warnings.push(warning)
    process.on('warning', warned)
    proxy.cutAt('UPDATE 1\0')

    const update = doubtful.dataSource.getRepository(Car).update(id, { name: 'b' })
    const outcome = await update.catch((error: unknown) => error)
    await new Promise((resolve) => setImmediate(resolve))
    process.off('warning', warned)

    expect(outcome).to.be.instanceOf(Error)
    expect(proxy.cuts).to.equal(1)
    expect(warnings.map(String)).to.deep.equal([])
    expect((await other.sweeper.find(Car, id))?.name).to.equal('b')
    await doubtful.dataSource.destroy()
    await proxy.close()
  })

  it('another write that is in flight: the object is left out, not guessed', async () => {
    const { id } = await one.dataSource.getRepository(Car).save({ name: 'a' })
    const commit = holdQuery(other.dataSource, 'COMMIT')
    const second = other.dataSource.transaction(async (manager) => {
      await manager.save(Car, { id: id + 1000, name: 'elsewhere' })
      await other.sweeper.sweep([Car, id], { manager })
    })
    await commit.reached

    await one.dataSource.transaction(rename('b', id))
    expect(await cached(one, id)).to.equal(undefined)
    commit.release()
    await second

    expect((await one.sweeper.find(Car, id))?.name).to.equal('b')
  })

  it('cost one query and the fill, on the connection of the writer', async () => {
    const single = await open(
      { ...postgres.options, extra: { max: 1 } } as DataSourceOptions,
      new RedisStore(redis.connect()),
      `${redis.namespace}-single`,
    )
    const { id } = await single.dataSource.getRepository(Car).save({ name: 'a' })
    const sql = recordQueries(single.dataSource)

    await single.dataSource.transaction((manager) => manager.update(Car, id, { name: 'b' }))
    const { statements } = sql
    await single.dataSource.destroy()

    expect(statements.map((one) => one.split(' ')[0])).to.deep.equal([
      'START',
      'UPDATE',
      'COMMIT',
      'SELECT',
    ])
  })
})

describeWith(['mariadb'], 'objects that are written through, on MariaDB', ({ mariadb }) => {
  itWritesThrough(() => mariadb.options)
})

describe('objects that are written through, on sql.js', () => {
  itWritesThrough(() => sqljs())
})

function itWritesThrough(database: () => DataSourceOptions): void {
  it('are in the cache after a save, and out of it after a removal', async () => {
    const app = await open(database(), new MemoryStore(), 'through')
    const cars = app.dataSource.getRepository(Car)
    const car = await cars.save({ name: 'a' })
    const { id } = car

    const seen = [await cached(app, id)]
    await app.dataSource.transaction((manager) => manager.save(Car, { id, name: 'b' }))
    seen.push(await cached(app, id))
    await cars.remove(car)
    seen.push(await cached(app, id))
    await app.dataSource.destroy()

    expect(seen).to.deep.equal(['a', 'b', null])
  })
}
