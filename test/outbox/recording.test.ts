import { expect } from 'chai'
import { EventSubscriber, type EntitySubscriberInterface, type InsertEvent } from 'typeorm'
import { MemoryStore, SweepOutbox } from '../../src/index'
import { GatedStore } from '../support/gated-store'
import { recordQueries } from '../support/recorders/record-queries'
import { describeWith } from '../support/services'
import { Article, Comment, Line, Order, Page, Vote } from '../support/zoo'
import { DATABASES, OutboxApp } from './support/outbox-app'

const written: string[] = []

@EventSubscriber()
class UsersOwnSubscriber implements EntitySubscriberInterface<object> {
  afterInsert({ metadata }: InsertEvent<object>): void {
    written.push(metadata.name)
  }
}

for (const name of DATABASES)
  describeWith<(typeof DATABASES)[number]>([name], `recording sweeps on ${name}`, (services) => {
    let app: OutboxApp
    let store: GatedStore

    before(async () => {
      store = new GatedStore(new MemoryStore())
      app = await OutboxApp.start(
        services[name].options,
        { store, namespace: 'recording' },
        { subscribers: [UsersOwnSubscriber] },
      )
    })
    beforeEach(async () => {
      await app.drained()
      written.length = 0
      app.sweeps.reset()
    })
    after(() => app.dataSource.destroy())

    /** The rows that stand in the table when COMMIT has been sent and the sweep has not arrived. */
    async function rowsBehind(work: () => Promise<unknown>): Promise<readonly string[]> {
      await app.drained()
      const hold = store.hold('sweep')
      const working = work()
      await hold.reached
      const rows = await app.rows()
      hold.release()
      await working
      return rows.map(({ sweep }) => String(sweep))
    }

    it('a sweep stands in the table from COMMIT on, and is gone once it was acknowledged', async () => {
      const { manager } = app.dataSource
      const article = await manager.save(Article, { title: 'x' })
      const rows = await rowsBehind(() => manager.save(Comment, { text: 'x', article }))

      expect(rows).to.have.length(1)
      expect(rows[0])
        .to.match(/zoo_comment:1/)
        .and.match(/zoo_article:1/)
      await app.drained()
    })

    for (const [what, write] of Object.entries({
      'update()': (one: OutboxApp) => one.dataSource.manager.update(Article, 1, { title: 'y' }),
      'raw SQL': (one: OutboxApp) => one.dataSource.query("UPDATE zoo_article SET title = 'y'"),
    }))
      it(`${what} outside a transaction is given one, with its row inside`, async () => {
        await app.dataSource.manager.save(Article, { title: 'x' })
        await app.drained()
        const { statements } = recordQueries(app.dataSource)

        const rows = await rowsBehind(() => write(app))

        expect(rows).to.have.length(1)
        const inOrder = statements
          .map((sql) => /^(START|UPDATE|INSERT|COMMIT)/.exec(sql)?.[1])
          .filter((verb) => verb !== undefined)
        expect(inOrder.slice(0, 4)).to.deep.equal(['START', 'UPDATE', 'INSERT', 'COMMIT'])
      })

    it('the result of a statement that was given a transaction is what it was', async () => {
      await app.dataSource.manager.save(Article, [{ title: 'two' }, { title: 'two' }])

      const { affected } = await app.dataSource.manager.update(
        Article,
        { title: 'two' },
        { title: 'y' },
      )

      expect(affected).to.equal(2)
    })

    it('a raw transaction has its row inside', async () => {
      const runner = app.dataSource.createQueryRunner()
      await app.dataSource.manager.save(Article, { title: 'x' })
      await runner.query('BEGIN')
      await runner.manager.update(Article, 1, { title: 'y' })

      const rows = await rowsBehind(() => runner.query('COMMIT'))

      await runner.release()
      expect(rows).to.have.length(1)
    })

    it('what was rolled back leaves no row', async () => {
      const failing = app.dataSource.transaction(async (manager) => {
        await manager.save(Article, { title: 'x' })
        throw new Error('no')
      })

      await failing.catch(() => undefined)

      expect(await app.rows()).to.deep.equal([])
    })

    it('a savepoint that was rolled back is not in the row of its transaction', async () => {
      const [row = ''] = await rowsBehind(() =>
        app.dataSource.transaction(async (manager) => {
          await manager.save(Article, { title: 'kept' })
          await manager
            .transaction(async (inner) => {
              await inner.save(Page, { title: 'undone' })
              throw new Error('no')
            })
            .catch(() => undefined)
        }),
      )

      expect(row).to.contain('zoo_article').and.not.contain('zoo_page')
    })

    it('a sweep of a thousand records takes several rows, and all of them go', async () => {
      const { manager } = app.dataSource
      const articles = Array.from({ length: 900 }, () => ({ title: 'x' }))

      const rows = await rowsBehind(() => manager.save(Article, articles))

      expect(rows).to.have.length.greaterThan(3)
      expect(rows.every((row) => row.length < 60_000)).to.equal(true)
      await app.drained()
    })

    it('composite keys are recorded', async () => {
      const { manager } = app.dataSource
      const order = await manager.save(Order, { tenant: 'a', number: 1 })

      const [row] = await rowsBehind(() =>
        manager.save(Line, { tenant: 'a', number: 1, position: 2, order }),
      )

      expect(row).to.contain('"tenant":"a"').and.contain('"position":2')
    })

    it("neither the user's subscribers nor the sweeps know of the table", async () => {
      const { manager } = app.dataSource
      const comment = await manager.save(Comment, { text: 'x' })
      await manager.save(Vote, { comment })
      await app.drained()

      expect(written).to.deep.equal(['Comment', 'Vote'])
      expect(app.sweeps.types).to.deep.equal([])
      expect(app.sweeps.records).to.have.length(2)
    })

    it('no marks are set: the row stands for them', async () => {
      const hold = store.hold('mark')

      await app.dataSource.manager.save(Article, { title: 'x' })

      expect(hold.count).to.equal(0)
    })

    it('a transaction that had failed and is committed all the same ends as it does without', async () => {
      const outcome = await app.dataSource
        .transaction(async (manager) => {
          await manager.save(Article, { title: 'x' })
          await manager.query('SELECT * FROM no_such_table').catch(() => undefined)
          return 'resolved'
        })
        .catch((error: unknown) => error)

      expect(outcome).to.equal('resolved')
    })

    it('without the table a write fails, says what to do, and nothing is committed', async () => {
      await app.dataSource.query('DROP TABLE sweep_outbox')
      const { manager } = app.dataSource
      const before = await manager.count(Article)

      const outcome = await manager.save(Article, { title: 'x' }).catch((error: unknown) => error)
      const alone = await manager.insert(Article, { title: 'x' }).catch((error: unknown) => error)

      expect(outcome).to.have.property('code', 'SWEEPER_OUTBOX')
      expect(outcome).to.have.property('message').that.contains('CreateSweepOutbox')
      expect(alone).to.have.property('code', 'SWEEPER_OUTBOX')
      expect(await manager.count(Article)).to.equal(before)
      await app.dataSource.synchronize()
    })

    it('a sweep by hand is recorded too', async () => {
      const rows = await rowsBehind(() => app.sweeper.sweep([Article, 7]))

      expect(rows).to.have.length(1)
      await app.drained()
    })

    it('a row of the table is an entity like any other to its readers', async () => {
      await app.drained()
      const hold = store.hold('sweep')
      const saving = app.dataSource.manager.save(Article, { title: 'x' })
      await hold.reached
      const [row] = await app.dataSource.getRepository(SweepOutbox).find()
      hold.release()
      await saving

      expect(row).to.include({ namespace: 'recording', entity: null, recordId: null })
      expect(row?.createdAt).to.be.instanceOf(Date)
    })
  })
