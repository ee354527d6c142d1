import { expect } from 'chai'
import { DataSource, type QueryRunner } from 'typeorm'
import { record, Sweeper } from '../../src/index'
import { describeOnSqlite } from '../support/services'
import { Article, ZOO } from '../support/zoo'

describeOnSqlite('a Sweeper that is made while a transaction is open', (options) => {
  let dataSource: DataSource
  let sweeper: Sweeper
  let runner: QueryRunner

  beforeEach(async () => {
    const given = { ...options(), entities: ZOO, synchronize: true }
    dataSource = await new DataSource(given).initialize()
    await dataSource.manager.save(Article, [{ title: 'a' }, { title: 'b' }])
    runner = dataSource.createQueryRunner()
    await runner.startTransaction()
    sweeper = new Sweeper(dataSource)
  })
  afterEach(() => dataSource.destroy())

  const rename = (id: number): Promise<unknown> =>
    runner.manager.save(Article, { id, title: 'new' })
  const versions = (): Promise<readonly string[]> =>
    Promise.all([1, 2].map((id) => sweeper.version(record(Article, id))))

  it('sweeps what its savepoints have changed, those that were released and not those that were rolled back', async () => {
    const before = await versions()

    await runner.startTransaction()
    await rename(1)
    await runner.commitTransaction()
    await runner.startTransaction()
    await rename(2)
    await runner.rollbackTransaction()
    await runner.commitTransaction()

    const after = await versions()
    expect(after[0]).not.to.equal(before[0])
    expect(after[1]).to.equal(before[1])
  })
})
