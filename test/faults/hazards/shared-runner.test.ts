import { expect } from 'chai'
import { record } from '../../../src/index'
import { gate } from '../../support/hold'
import { sqljs } from '../../support/services'
import { Comment } from '../../support/zoo'
import { zooSweeper, type ZooSweeper } from '../../support/zoo-sweeper'

/** Where all requests share one connection to the database. The names are those of docs/consistency.md. */
describe('hazards of a shared query runner', () => {
  let zoo: ZooSweeper
  let id: number

  beforeEach(async () => {
    zoo = await zooSweeper(sqljs())
    id = (await zoo.dataSource.getRepository(Comment).save({ text: 'x' })).id
  })
  afterEach(() => zoo.dataSource.destroy())

  const load = async (): Promise<string> =>
    (await zoo.dataSource.getRepository(Comment).findOneByOrFail({ id })).text

  function read(factory = load): Promise<string> {
    return zoo.sweeper.getOrSet({ on: record(Comment, id), key: 'text', factory })
  }

  /** Another request's transaction, which writes and is rolled back when it may. */
  function anotherRequest(): { written: Promise<void>; rollBack: () => Promise<void> } {
    const [wrote, goOn] = [gate(), gate()]
    const ended = zoo.dataSource.transaction(async (manager) => {
      await manager.save(Comment, { id, text: 'y' })
      wrote.open()
      await goOn.passed
      throw new Error('rolled back')
    })
    const settled = ended.catch(() => undefined)
    const rollBack = async (): Promise<void> => {
      goOn.open()
      await settled
    }
    return { written: wrote.passed, rollBack }
  }

  it('H25c one query runner', async () => {
    const request = anotherRequest()
    await request.written
    const uncommitted = await read()
    await request.rollBack()

    expect(uncommitted).to.equal('y')
    expect(await read()).to.equal('x')
  })

  it('H25c one query runner: a transaction that begins and ends while the value is loaded', async () => {
    await read(async () => {
      const request = anotherRequest()
      await request.written
      const uncommitted = await load()
      await request.rollBack()
      return uncommitted
    })

    expect(await read()).to.equal('x')
  })
})
