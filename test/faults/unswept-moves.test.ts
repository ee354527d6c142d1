import { expect } from 'chai'
import { RedisStore } from '../../src/redis'
import { CutStore } from '../outbox/support/cut-store'
import { type AppProcess, AppProcesses } from '../support/app-processes'
import { describeWith } from '../support/services'
import { until } from '../support/services-process'
import { Comment, Vote } from '../support/zoo'

/** What `'degrade'` promises of a write that was delivered, next to a move that was not: docs/consistency.md. */
describeWith(['postgres', 'redis'], "a move that is not swept, under 'degrade'", (services) => {
  let processes: AppProcesses
  let mover: AppProcess
  let way: CutStore
  let writer: AppProcess
  let reader: AppProcess

  beforeEach(async () => {
    processes = new AppProcesses(services)
    way = new CutStore(new RedisStore(services.redis.connect()))
    mover = await processes.start({ store: way })
    writer = await processes.start()
    reader = await processes.start()
  })
  afterEach(() => processes.stop())

  /** The values of a comment's votes. */
  const votesOf = async (id: number): Promise<readonly number[]> => {
    const [votes] = await reader.filled(
      reader.sweeper.getOrSetMany<[typeof Comment, number], readonly number[]>({
        on: [[Comment, id]],
        key: 'votes',
        factory: async () => {
          const where = { comment: { id } }
          const found = await reader.dataSource.manager.find(Vote, { where })
          return [found.map(({ value }) => value)]
        },
      }),
    )
    return votes ?? []
  }

  it('is passed over by a write to the row where it was, and not where it is', async () => {
    const [from, to] = [await writer.aComment(), await writer.aComment()]
    const vote = await writer.dataSource.manager.save(Vote, { value: 1, comment: from })
    for (const { id } of [from, to]) await votesOf(id)
    // Neither its marks nor its sweep arrive.
    way.isCut = true

    await mover.dataSource.manager.update(Vote, vote.id, { comment: to })
    await writer.dataSource.manager.update(Vote, vote.id, { value: 2 })

    expect(mover.sweeps.events.at(-1)).to.have.property('delivered', false)
    expect(writer.sweeps.events.at(-1)).to.have.property('delivered', true)
    expect(await votesOf(to.id)).to.deep.equal([2])
    // Where it was shows it as it was, until the move is delivered.
    expect(await votesOf(from.id)).to.deep.equal([1])
    way.isCut = false
    await until('the move swept', 10_000, async () => (await votesOf(from.id)).length === 0)
  })
})
