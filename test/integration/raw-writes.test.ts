import { expect } from 'chai'
import type { QueryRunner } from 'typeorm'
import { record } from '../../src/index'
import { describeOnEachDatabase } from '../support/zoo-writes'
import { Article, Comment, Vote } from '../support/zoo'

describeOnEachDatabase('raw SQL', (zoo, database) => {
  const sweptBy = async (sql: string): Promise<readonly string[]> => {
    const { records, types } = await zoo().sweptBy(() => zoo().dataSource.query(sql))
    expect(records).to.deep.equal([])
    return types
  }
  const quoted = (name: string): string => zoo().dataSource.driver.escape(name)

  it('sweeps the type it writes to, and so all that the type belongs to', async () => {
    const article = await zoo().article()
    const comment = await zoo().comment(article)
    const subjects = [record(Comment, comment.id), record(Article, article.id)]
    const before = await Promise.all(subjects.map((on) => zoo().sweeper.version(on)))

    const types = await sweptBy(`UPDATE zoo_comment SET text = 'raw' WHERE id = ${comment.id}`)

    expect(types).to.deep.equal(['Comment'])
    const after = await Promise.all(subjects.map((on) => zoo().sweeper.version(on)))
    expect(after.filter((version, index) => version !== before[index])).to.have.length(2)
  })

  it('sweeps nothing for what only reads', async () => {
    expect(await sweptBy('SELECT id FROM zoo_comment')).to.deep.equal([])
    expect(await sweptBy("SELECT 'DELETE FROM zoo_comment' AS text")).to.deep.equal([])
  })

  if (database === 'postgres' || database === 'mariadb')
    it('keeps the cache through reads that call functions of one’s own', async () => {
      const { dataSource } = zoo()
      const body = database === 'postgres' ? "LANGUAGE sql AS 'SELECT n + 1'" : 'RETURN n + 1'
      await dataSource.query(`CREATE FUNCTION score(n int) RETURNS int ${body}`)

      expect(await sweptBy('SELECT score(1) AS a, v.id FROM zoo_vote v')).to.deep.equal([])
      expect(await sweptBy('SELECT id FROM zoo_vote WHERE score(id) > 1')).to.deep.equal([])
    })

  it('sweeps what the database deletes and clears along', async () => {
    expect(await sweptBy('DELETE FROM zoo_vote WHERE id < 0')).to.deep.equal(['Vote'])
    expect(await sweptBy('DELETE FROM zoo_article WHERE id < 0')).to.deep.equal([
      'Article',
      'Comment',
      'Content',
      'Tag',
      'Vote',
    ])
  })

  it('sweeps both ends of a many-to-many table', async () => {
    expect(
      await sweptBy(`DELETE FROM zoo_article_tag WHERE ${quoted('zooTagId')} < 0`),
    ).to.include.members(['Article', 'Tag'])
  })

  it('sweeps what clear() empties', async () => {
    const { types } = await zoo().sweptBy(() => zoo().manager.clear(Vote))

    expect(types).to.deep.equal(['Vote'])
  })

  it('sweeps everything for a table nobody knows, with one warning', async () => {
    const { dataSource } = zoo()
    await dataSource.query('CREATE TABLE unknown_table (id int)')
    const warnings: string[] = []
    const { logger } = dataSource
    dataSource.logger = Object.assign(Object.create(logger) as typeof logger, {
      log: (_level: string, message: string) => warnings.push(message),
    })

    const first = await sweptBy('INSERT INTO unknown_table VALUES (1)')
    const second = await sweptBy('INSERT INTO unknown_table VALUES (2)')
    dataSource.logger = logger

    expect(first).to.include.members(['Article', 'Comment', 'Order', 'Page', 'User'])
    expect(second).to.deep.equal(first)
    expect(warnings).to.have.length(1)
    expect(warnings[0]).to.include('INSERT INTO unknown_table')
  })

  describe('in a transaction that is raw too', () => {
    let runner: QueryRunner

    beforeEach(() => {
      runner = zoo().dataSource.createQueryRunner()
    })
    afterEach(async () => {
      if (!zoo().isSqlite) await runner.release()
    })

    it('is swept after the COMMIT and not before', async () => {
      const [article, comment] = [await zoo().article(), await zoo().comment()]
      const seen: number[] = []

      const { records, types } = await zoo().sweptBy(async () => {
        await runner.query('BEGIN')
        await runner.query(`UPDATE zoo_comment SET text = 'raw' WHERE id = ${comment.id}`)
        await runner.manager.update(Article, article.id, { title: 'raw' })
        seen.push(zoo().sweeps.count)
        await runner.query('COMMIT')
        seen.push(zoo().sweeps.count)
      })

      expect(seen).to.deep.equal([0, 1])
      expect([records, types]).to.deep.equal([[`Article:${article.id}`], ['Comment']])
    })

    it('is not swept after a ROLLBACK', async () => {
      const [article, comment] = [await zoo().article(), await zoo().comment()]

      await zoo().sweptBy(async () => {
        await runner.query('BEGIN')
        await runner.query(`UPDATE zoo_comment SET text = 'raw' WHERE id = ${comment.id}`)
        await runner.manager.update(Article, article.id, { title: 'raw' })
        await runner.query('ROLLBACK')
      })

      expect(zoo().sweeps.count).to.equal(0)
    })

    if (database === 'postgres' || database === 'mariadb')
      it('is followed by the next one after COMMIT AND CHAIN', async () => {
        const { id } = await zoo().vote(await zoo().comment())
        const seen: number[] = []

        await zoo().sweptBy(async () => {
          await runner.query('BEGIN')
          await runner.query(`UPDATE zoo_vote SET value = 5 WHERE id = ${id}`)
          await runner.query('COMMIT AND CHAIN')
          seen.push(zoo().sweeps.count)
          await runner.query(`UPDATE zoo_vote SET value = 6 WHERE id = ${id}`)
          seen.push(zoo().sweeps.count)
          await runner.query('COMMIT')
          seen.push(zoo().sweeps.count)
        })

        expect(seen).to.deep.equal([1, 1, 2])
      })

    it('keeps a statement that nobody waited for inside what is rolled back', async () => {
      const vote = await zoo().vote(await zoo().comment())

      await zoo().sweptBy(async () => {
        await runner.query('BEGIN')
        const update = runner.manager.update(Vote, vote.id, { commentId: null })
        await runner.query('ROLLBACK')
        await update
      })

      const { commentId } = await zoo().manager.findOneByOrFail(Vote, { id: vote.id })
      expect(commentId).to.equal(vote.comment?.id)
      expect(zoo().sweeps.count).to.equal(0)
    })
  })

  if (database === 'mariadb')
    it('sweeps what DDL has committed, whatever is rolled back after it', async () => {
      const { id } = await zoo().vote(await zoo().comment())

      const { types, records } = await zoo().sweptBy(() =>
        zoo()
          .dataSource.transaction(async (manager) => {
            await manager.update(Vote, id, { value: 8 })
            await manager.query('CREATE TABLE made_meanwhile (id int)')
            throw new Error('rolled back')
          })
          .catch(() => undefined),
      )

      const { value } = await zoo().manager.findOneByOrFail(Vote, { id })
      expect(value).to.equal(8)
      expect([...types, ...records]).to.include(`Vote:${id}`)
    })

  if (database === 'postgres') {
    it('sweeps what a common table expression writes', async () => {
      const sql = `WITH gone AS (DELETE FROM zoo_vote WHERE id < 0 RETURNING id) SELECT * FROM gone`

      expect(await sweptBy(sql)).to.deep.equal(['Vote'])
    })

    it('sweeps what a common table expression of a query builder writes', async () => {
      const comment = await zoo().comment()

      const { types } = await zoo().sweptBy(() =>
        zoo()
          .manager.createQueryBuilder()
          .update(Comment)
          .addCommonTableExpression(`DELETE FROM zoo_login WHERE id < 0 RETURNING id`, 'gone')
          .set({ text: 'x' })
          .where('id = :id', comment)
          .execute(),
      )

      expect(types).to.include.members(['Comment', 'Login'])
    })

    it('sweeps what each of several statements in one text writes', async () => {
      const sql = `UPDATE zoo_tag SET label = 'x' WHERE id < 0; DELETE FROM zoo_vote WHERE id < 0`

      expect(await sweptBy(sql)).to.deep.equal(['Tag', 'Vote'])
    })

    it('sweeps all that TRUNCATE ... CASCADE empties', async () => {
      expect(await sweptBy('TRUNCATE zoo_user CASCADE')).to.include.members([
        'Comment',
        'Login',
        'Profile',
        'User',
        'Vote',
      ])
    })
  }
})
