import { expect } from 'chai'
import type { DataSource } from 'typeorm'
import { describeOnSqlite } from '../support/services'
import { Article, Comment } from '../support/zoo'
import { type SweepRecorder, zooSweeper } from '../support/zoo-sweeper'

describeOnSqlite(
  'a write whose rows are not what they were when they were looked at',
  (options) => {
    let dataSource: DataSource
    let sweeps: SweepRecorder

    before(async () => {
      ;({ dataSource, sweeps } = await zooSweeper(options()))
    })
    after(() => dataSource.destroy())

    it('sweeps a row and its parents once where one save() has two statements for it', async () => {
      const { manager } = dataSource
      const from = await manager.save(Article, { title: 'a' })
      const to = await manager.save(Article, { title: 'b' })
      const { id } = await manager.save(Comment, { text: 'c', article: from })
      sweeps.reset()

      await manager.save([
        manager.create(Comment, { id, text: 'new' }),
        manager.create(Comment, { id, article: to }),
      ])

      expect(sweeps.records).to.deep.equal(
        [`Article:${from.id}`, `Article:${to.id}`, `Comment:${id}`].toSorted(),
      )
      expect(sweeps.types).to.deep.equal([])
    })

    it('sweeps the whole type, and what is deleted with it, where a DELETE finds more rows than the look', async () => {
      await dataSource.manager.save(Comment, { text: 'doomed' })
      let isOpen = true
      // All of SQLite goes through one runner. 0.3 does not wait for `beforeQuery`.
      const runner = dataSource.createQueryRunner()
      const query = runner.query.bind(runner)
      runner.query = async (sql: string, ...rest: unknown[]) => {
        if (isOpen && sql.startsWith('DELETE FROM "zoo_comment"')) {
          isOpen = false
          await query(`INSERT INTO "zoo_comment" ("text", "version") VALUES ('doomed', 1)`)
        }
        return query(sql, ...(rest as []))
      }
      sweeps.reset()

      await dataSource.manager.delete(Comment, { text: 'doomed' })

      expect(isOpen).to.equal(false)
      expect(await dataSource.manager.countBy(Comment, { text: 'doomed' })).to.equal(0)
      expect(sweeps.types).to.include.members(['Comment', 'Vote'])
    })
  },
)
