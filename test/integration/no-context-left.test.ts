import { expect } from 'chai'
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

describe('a save(), a transaction and a read', () => {
  it('leave no async context on, which would cost all later promises of the process', async () => {
    const { stdout } = await promisify(execFile)(process.execPath, ['-e', IN_A_PROCESS_OF_ITS_OWN])

    expect(JSON.parse(stdout)).to.deep.equal({ before: false, after: false, swept: ['Note:1'] })
  })
})

/** Promises have ids of their own exactly while hooks are told of each, up to Node 22. */
const IN_A_PROCESS_OF_ITS_OWN = `
  require('reflect-metadata')
  const { executionAsyncId } = require('node:async_hooks')
  const { DataSource, EntitySchema } = require('typeorm')
  const { record, Sweeper, SweepSubscriber, sweepable } = require(${JSON.stringify(require.resolve('../../src/index'))})

  const isHooked = () => Promise.resolve().then(() => executionAsyncId() !== 0)

  async function main() {
    const Note = new EntitySchema({
      name: 'Note',
      columns: { id: { type: 'int', primary: true }, text: { type: 'text' } },
    })
    sweepable(Note, {})
    const dataSource = new DataSource({
      type: 'sqljs',
      entities: [Note],
      subscribers: [SweepSubscriber],
      synchronize: true,
    })
    await dataSource.initialize()
    const sweeper = new Sweeper(dataSource)
    const swept = []
    const before = await isHooked()
    sweeper.on('sweep', ({ records }) => swept.push(...records))
    await dataSource.getRepository(Note).save({ id: 1, text: 'a' })
    await dataSource.transaction((manager) => manager.count(Note))
    await sweeper.getOrSet({ on: record(Note, 1), key: 'note', factory: () => 'a' })
    const after = await isHooked()
    console.log(JSON.stringify({ before, after, swept }))
  }
  main()
`
