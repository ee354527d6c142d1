import { expect } from 'chai'
import { BaseEntity, Column, DataSource, Entity, ManyToOne, PrimaryGeneratedColumn } from 'typeorm'
import { record, Sweepable, Sweeper, SweepSubscriber } from '../../src/index'
import { RedisStore } from '../../src/redis'
import { describeWith, sqljs } from '../support/services'
import { PATIENT, recordSweeps } from '../support/zoo-sweeper'

@Entity()
class Band extends BaseEntity {
  @PrimaryGeneratedColumn() id!: number
  @Column({ default: '' }) name!: string
}

@Entity()
@Sweepable({ dependsOn: ['band'] })
class Album extends BaseEntity {
  @PrimaryGeneratedColumn() id!: number
  @Column({ default: '' }) title!: string
  @ManyToOne(() => Band) band!: Band
}

const ENTITIES = { entities: [Band, Album], subscribers: [SweepSubscriber], synchronize: true }

async function codeOf(work: Promise<unknown>): Promise<unknown> {
  const error = await work.catch((thrown: unknown) => thrown)
  return error instanceof Error && 'code' in error ? error.code : undefined
}

describe('Active Record', () => {
  let dataSource: DataSource
  let sweeper: Sweeper

  before(async () => {
    dataSource = new DataSource({ ...sqljs(), ...ENTITIES })
    sweeper = new Sweeper(dataSource, { timeout: PATIENT })
    await dataSource.initialize()
    for (const entity of [Band, Album]) entity.useDataSource(dataSource)
  })
  after(() => dataSource.destroy())

  it('is swept by its own methods, and what it belongs to with it', async () => {
    const band = await Band.create({ name: 'old' }).save()
    const album = await Album.create({ title: 'First', band }).save()
    const page = (): Promise<string> =>
      sweeper.getOrSet({
        on: record(Band, band.id),
        key: 'page',
        factory: async () =>
          `${(await Band.findOneByOrFail({ id: band.id })).name} ${await Album.countBy({ band: { id: band.id } })}`,
      })
    expect(await page()).to.equal('old 1')

    await Band.update({ id: band.id }, { name: 'new' })
    expect(await page()).to.equal('new 1')
    await album.remove()
    expect(await page()).to.equal('new 0')
    band.name = 'last'
    await band.save()
    expect(await page()).to.equal('last 0')
  })

  it('gives its instances to find() with their methods', async () => {
    const { id } = await Band.create({ name: 'old' }).save()
    const found = await sweeper.find(Band, id)
    if (found === null) throw new Error('it was not found')
    found.name = 'new'
    await found.save()

    expect(await sweeper.find(Band, id)).to.include({ name: 'new' })
  })
})

describeWith(['postgres', 'redis'], 'several DataSources', ({ postgres, redis }) => {
  it('share a store without meeting in it', async () => {
    const store = new RedisStore(redis.connect())
    const made = await Promise.all(
      [postgres.url, await postgres.createDatabase()].map(async (url, index) => {
        const dataSource = new DataSource({ type: 'postgres', url, ...ENTITIES })
        const sweeper = new Sweeper(dataSource, {
          store,
          namespace: `${redis.namespace}-${index}`,
          timeout: PATIENT,
        })
        await dataSource.initialize()
        return { dataSource, sweeper, sweeps: recordSweeps(sweeper) }
      }),
    )
    const ids = await Promise.all(
      made.map(async ({ dataSource }, index) => {
        const { id } = await dataSource.getRepository(Band).save({ name: `band ${index}` })
        return id
      }),
    )
    const names = (): Promise<unknown[]> =>
      Promise.all(
        made.map(async ({ sweeper }, index) => (await sweeper.find(Band, ids[index] ?? 0))?.name),
      )
    expect(ids[0]).to.equal(ids[1])
    expect(await names()).to.deep.equal(['band 0', 'band 1'])
    for (const { sweeps } of made) sweeps.reset()

    await made[0]?.dataSource.getRepository(Band).update({ id: ids[0] ?? 0 }, { name: 'new' })

    expect(await names()).to.deep.equal(['new', 'band 1'])
    expect(made.map(({ sweeps }) => sweeps.count)).to.deep.equal([1, 0])
    for (const { dataSource } of made) await dataSource.destroy()
  })
})

describe('a DataSource that ends or changes hands', () => {
  it('closes its Sweeper when it is destroyed, and takes another when it comes back', async () => {
    const dataSource = new DataSource({ ...sqljs(), ...ENTITIES })
    const first = new Sweeper(dataSource, { timeout: PATIENT })
    await dataSource.initialize()
    await dataSource.destroy()
    expect(await codeOf(first.version(Band))).to.equal('SWEEPER_CLOSED')

    const second = new Sweeper(dataSource, { timeout: PATIENT })
    await dataSource.initialize()
    const sweeps = recordSweeps(second)
    const { id } = await dataSource.getRepository(Band).save({})

    expect(sweeps.records).to.deep.equal([`Band:${id}`])
    await dataSource.destroy()
  })

  it('closes the first Sweeper when a second one takes its place, as after a hot reload', async () => {
    const dataSource = new DataSource({ ...sqljs(), ...ENTITIES })
    const first = new Sweeper(dataSource, { timeout: PATIENT })
    await dataSource.initialize()
    const { id } = await dataSource.getRepository(Band).save({ name: 'old' })
    const name = (sweeper: Sweeper): Promise<string> =>
      sweeper.getOrSet({
        on: record(Band, id),
        key: 'name',
        factory: async () => (await dataSource.getRepository(Band).findOneByOrFail({ id })).name,
      })
    await name(first)

    const second = new Sweeper(dataSource, { timeout: PATIENT })
    const [early, late] = [recordSweeps(first), recordSweeps(second)]
    await dataSource.getRepository(Band).update({ id }, { name: 'new' })

    expect(await codeOf(name(first))).to.equal('SWEEPER_CLOSED')
    expect(await name(second)).to.equal('new')
    expect([early.count, late.count]).to.deep.equal([0, 1])
    await first.close()
    expect(Sweeper.of(dataSource)).to.equal(second)
    await dataSource.destroy()
  })
})
