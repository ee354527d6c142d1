import { expect } from 'chai'
import {
  DataSource,
  type DataSourceOptions,
  type MigrationInterface,
  type QueryRunner,
} from 'typeorm'
import {
  CreateSweepOutbox,
  MemoryStore,
  Sweeper,
  type SweeperOptions,
  SweepOutbox,
  SweepSubscriber,
} from '../../src/index'
import { GatedStore } from '../support/gated-store'
import { recordQueries } from '../support/recorders/record-queries'
import { describeWith, sqljs } from '../support/services'
import { until } from '../support/services-process'
import { Page } from '../support/zoo'
import { DATABASES } from './support/outbox-app'

/** A migration of the user's that needs the table: it writes rows of an entity. */
class FirstPage implements MigrationInterface {
  readonly name = 'FirstPage1600000000000'

  async up({ manager, connection }: QueryRunner): Promise<void> {
    const parent = connection.driver.escape('parentId')
    await manager.query(`CREATE TABLE app_zoo_page (id INT, title VARCHAR(20), ${parent} INT)`)
    await manager.query("INSERT INTO app_zoo_page (id, title) VALUES (1, 'first')")
  }

  async down({ manager }: QueryRunner): Promise<void> {
    await manager.query('DROP TABLE app_zoo_page')
  }
}

for (const name of DATABASES)
  describeWith<(typeof DATABASES)[number]>(
    [name],
    `setting an outbox up on ${name}`,
    (services) => {
      let dataSource: DataSource

      /** With an empty database of its own. */
      async function start(extra: object, options: SweeperOptions = {}): Promise<Sweeper> {
        const url = await services[name].createDatabase()
        dataSource = new DataSource({
          ...services[name].options,
          url,
          subscribers: [SweepSubscriber],
          ...extra,
        } as DataSourceOptions)
        const sweeper = new Sweeper(dataSource, { outbox: true, ...options })
        await dataSource.initialize()
        return sweeper
      }
      afterEach(() => dataSource.destroy())

      it('the migration makes the table that the entity describes', async () => {
        await start({ entities: [SweepOutbox], migrations: [CreateSweepOutbox] })

        await dataSource.runMigrations()

        const { upQueries } = await dataSource.driver.createSchemaBuilder().log()
        expect(upQueries.map(({ query }) => query)).to.deep.equal([])
      })

      it('the migration alone is enough, runs before those of the user, and can be undone', async () => {
        const store = new GatedStore(new MemoryStore())
        await start(
          {
            entities: [Page],
            migrations: [FirstPage, CreateSweepOutbox],
            ...{ entityPrefix: 'app_', migrationsTransactionMode: 'each' },
          },
          { store },
        )
        const done = await dataSource.runMigrations()
        const rowCount = async (): Promise<number> =>
          ((await dataSource.query('SELECT * FROM app_sweep_outbox')) as unknown[]).length
        // The migrations have written too, and what is delivered is deleted a little later.
        await until('what they wrote being delivered', 5_000, async () => (await rowCount()) === 0)
        const hold = store.hold('sweep')
        const saving = dataSource.manager.update(Page, 1, { title: 'x' })
        await hold.reached

        const rows = await rowCount()

        hold.release()
        await saving
        expect(done.map((one) => one.name)).to.deep.equal([
          'CreateSweepOutbox1000000000000',
          'FirstPage1600000000000',
        ])
        expect(rows).to.equal(1)
        await dataSource.undoLastMigration()
        await dataSource.undoLastMigration()
        const runner = dataSource.createQueryRunner()
        expect(await runner.hasTable('app_sweep_outbox')).to.equal(false)
        await runner.release()
      })

      it('without the table its pollers say once what to do, and go on when it is there', async () => {
        const warnings: string[] = []
        await start(
          { entities: [Page], migrations: [CreateSweepOutbox] },
          {
            outbox: { pollEvery: '10ms' },
            logger: { log: (_, message) => void warnings.push(String(message)) },
          },
        )
        const { statements } = recordQueries(dataSource)
        const looks = (): number => statements.filter((sql) => sql.includes('MIN(id)')).length
        await until('three looks', 5_000, () => looks() > 2)

        await dataSource.runMigrations()

        expect(warnings).to.have.length(1)
        expect(warnings[0]).to.contain('there is no table').and.contain('CreateSweepOutbox')
        await dataSource.synchronize()
        await dataSource.query("INSERT INTO sweep_outbox (entity) VALUES ('Page')")
        await until('the row delivered', 5_000, async () => {
          return ((await dataSource.query('SELECT id FROM sweep_outbox')) as unknown[]).length === 0
        })
      })

      it('nothing is asked of the database after close()', async () => {
        const outbox = { pollEvery: '10ms' } as const
        const sweeper = await start(
          { entities: [Page, SweepOutbox], synchronize: true },
          { outbox },
        )
        const other = new DataSource({
          ...dataSource.options,
          synchronize: false,
        } as DataSourceOptions)
        const going = new Sweeper(other, { outbox, namespace: 'going' })
        await other.initialize()
        const [closed, open] = [recordQueries(dataSource), recordQueries(other)]
        await until('a look', 5_000, () => closed.matching(/MIN\(id\)/).length > 0)

        await sweeper.close()

        closed.reset()
        open.reset()
        await until('ten looks of another', 5_000, () => open.matching(/MIN\(id\)/).length > 10)
        await going.close()
        await other.destroy()
        expect(closed.statements).to.deep.equal([])
      })
    },
  )

describe('an outbox where it cannot be', () => {
  it('is refused on SQLite, with what would be right', () => {
    expect(() => new Sweeper(new DataSource(sqljs()), { outbox: true }))
      .to.throw('outbox true is not usable on "sqljs"')
      .with.property('code', 'SWEEPER_INVALID_OPTION')
  })

  for (const outbox of [{ batch: 0 }, { batch: 1.5 }, { pollEvery: '0ms' }] as const)
    it(`${JSON.stringify(outbox)} is refused`, () => {
      const options = { type: 'postgres', url: 'postgres://nobody@127.0.0.1:1/none' } as const

      expect(() => new Sweeper(new DataSource(options), { outbox }))
        .to.throw('new Sweeper(): outbox.')
        .with.property('code')
        .that.matches(/^SWEEPER_INVALID/)
    })
})
