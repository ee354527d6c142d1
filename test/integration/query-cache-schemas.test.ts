import { expect } from 'chai'
import { Column, DataSource, Entity, ManyToOne, PrimaryGeneratedColumn } from 'typeorm'
import { Sweeper, sweptQueryCache, SweepSubscriber } from '../../src/index'
import { QUIET } from '../support/random-writes/random-writes'
import { recordQueries, type QueryRecorder } from '../support/recorders/record-queries'
import { describeWith } from '../support/services'
import { until } from '../support/until'
import { PATIENT } from '../support/zoo-sweeper'

const LONG = 60_000

@Entity({ name: 'item', schema: 'mall' })
class MallItem {
  @PrimaryGeneratedColumn() id!: number
  @Column() name!: string
}

/** The same name in the default schema. */
@Entity('item')
class Item {
  @PrimaryGeneratedColumn() id!: number
  @Column() name!: string
}

@Entity({ name: 'Sale', schema: 'mall' })
class Sale {
  @PrimaryGeneratedColumn() id!: number
  @Column() price!: number
  @ManyToOne(() => MallItem) item!: MallItem
}

describeWith(['postgres'], 'the query cache where tables are in schemas', ({ postgres }) => {
  let dataSource: DataSource
  let sql: QueryRecorder
  let warnings: string[]

  before(async () => {
    warnings = []
    const connection = { ...postgres.options, logger: QUIET } as const
    const plain = await new DataSource(connection).initialize()
    await plain.query('CREATE SCHEMA mall')
    await plain.destroy()
    dataSource = new DataSource({
      ...connection,
      entities: [MallItem, Item, Sale],
      subscribers: [SweepSubscriber],
      synchronize: true,
      cache: { provider: sweptQueryCache },
      logger: { ...QUIET, log: (_, message: unknown) => warnings.push(String(message)) },
    })
    const sweeper = new Sweeper(dataSource, { timeout: PATIENT })
    await dataSource.initialize()
    expect(Sweeper.of(dataSource)).to.equal(sweeper)
    const { manager } = dataSource
    const item = await manager.save(MallItem, { name: 'mall' })
    await manager.save(Item, { name: 'plain' })
    await manager.save(Sale, { price: 1, item })
    sql = recordQueries(dataSource)
  })
  after(() => dataSource.destroy())

  const reads: Readonly<Record<string, () => Promise<unknown>>> = {
    'a join that TypeORM writes': () =>
      dataSource.getRepository(Sale).find({ relations: { item: true }, cache: LONG }),
    'names in quotes, one by one': () => raw('"s"."price"', '"mall"."Sale"', 's', '"mall"."item"'),
    'a name without quotes': () => raw('s.price', '"mall"."Sale"', 's', 'mall.item'),
  }

  function raw(price: string, sale: string, alias: string, item: string): Promise<unknown> {
    return dataSource
      .createQueryBuilder()
      .select([price, `(SELECT i.name FROM ${item} i WHERE i.id = ${alias}."itemId") AS name`])
      .from(`(SELECT * FROM ${sale})`, alias)
      .cache(LONG)
      .getRawMany()
  }

  async function isHit(read: () => Promise<unknown>): Promise<boolean> {
    sql.reset()
    await read()
    return sql.count === 0
  }

  for (const [name, read] of Object.entries(reads))
    it(`${name} belongs to the tables of that schema`, async () => {
      const { manager } = dataSource
      await until(() => isHit(read))

      await manager.update(Item, { name: 'plain' }, { name: 'plain' })
      expect(await isHit(read), 'after a write to its namesake').to.equal(true)

      await manager.update(MallItem, 1, { name: `${name} 2` })
      expect(await isHit(read), 'after a write to the item').to.equal(false)
      expect(JSON.stringify(await read())).to.contain(`${name} 2`)
      await until(() => isHit(read))

      await manager.query('UPDATE mall."Sale" SET price = price + 1')
      expect(await isHit(read), 'after a raw write to the sale').to.equal(false)
      expect(warnings).to.deep.equal([])
    })

  it('a table of another schema is not taken for its namesake', async () => {
    const read = (): Promise<unknown> =>
      dataSource.createQueryBuilder().select('*').from('other.item', 'i').cache(LONG).getRawMany()
    await dataSource.query('CREATE SCHEMA other')
    await dataSource.query('CREATE TABLE other.item (id int)')
    await read()
    expect(await isHit(read)).to.equal(false)
    expect(warnings.filter((text) => text.includes('"other.item"'))).to.have.length(1)
  })
})
