import { expect } from 'chai'
import { AsyncResource } from 'node:async_hooks'
import type { EntityManager } from 'typeorm'
import { record } from '../../../src/index'
import { type AppProcess, AppProcesses } from '../../support/app-processes'
import { holdCommit, holdQuery } from '../../support/held-queries'
import { Hold } from '../../support/hold'
import { describeWith } from '../../support/services'
import { Comment } from '../../support/zoo'

/** Values that are loaded while others write. The names are those of docs/consistency.md. */
describeWith(['postgres', 'redis'], 'hazards of filling', (services) => {
  let processes: AppProcesses
  let one: AppProcess
  let other: AppProcess

  beforeEach(async () => {
    processes = new AppProcesses(services)
    one = await processes.start()
    other = await processes.start()
  })
  afterEach(() => processes.stop())

  /** Begins a read whose value is held when it has been loaded. */
  function readHeld(reader: AppProcess, id: number): { hold: Hold; value: Promise<string> } {
    const hold = new Hold()
    const value = reader.readText(id, async () => {
      const text = await reader.loadText(id)
      await hold.here()
      return text
    })
    return { hold, value: reader.filled(value) }
  }

  it('H1 sweep before commit', async () => {
    const { id } = await one.aComment()
    await other.untilCached(id)
    const commit = holdCommit(one.dataSource)

    const writing = one.writeText(id, 'y')
    await commit.reached
    const early = await other.filled(other.readText(id))
    commit.release()
    await writing

    expect(early).to.equal('x')
    expect(await other.readText(id)).to.equal('y')
  })

  it('H3 late fill', async () => {
    const { id } = await one.aComment()
    const { hold, value } = readHeld(one, id)
    await hold.reached

    await other.writeText(id, 'y')
    hold.release()

    expect(await value).to.equal('x')
    expect(await other.readText(id)).to.equal('y')
    expect(await one.readText(id)).to.equal('y')
  })

  it('H4 entity in the hand', async () => {
    const { id } = await one.aComment()
    await one.untilCached(id)
    const old = await one.loadComment(id)
    await other.writeText(id, 'y')

    const rendered = await one.filled(
      one.sweeper.getOrSet({ on: old, key: 'text', factory: () => old.text }),
    )

    expect(rendered).to.equal('x')
    expect(await other.readText(id)).to.equal('y')
  })

  it('H4 entity in the hand: its query began before the write and ended after it', async () => {
    const { id } = await one.aComment()
    await other.untilCached(id)
    const answer = holdQuery(one.dataSource, 'SELECT', { when: 'after' })
    const loading = one.loadComment(id)
    await answer.reached
    await other.writeText(id, 'y')
    await processes.untilServerTime(Date.now() + 20)
    answer.release()
    const old = await loading

    await one.filled(one.sweeper.getOrSet({ on: old, key: 'text', factory: () => old.text }))

    expect(await other.readText(id)).to.equal('y')
  })

  it('H4 entity in the hand: loaded in a transaction whose snapshot is older', async () => {
    const { id } = await one.aComment()
    await other.untilCached(id)

    const old = await one.dataSource.transaction('REPEATABLE READ', async (manager) => {
      await manager.query('SELECT 1')
      await other.writeText(id, 'y')
      await processes.untilServerTime(Date.now() + 20)
      return one.loadComment(id, manager)
    })
    await one.filled(one.sweeper.getOrSet({ on: old, key: 'text', factory: () => old.text }))

    expect(old.text).to.equal('x')
    expect(await other.readText(id)).to.equal('y')
  })

  it('H6 missing at the pin', async () => {
    const dying = await processes.start({ marks: { deadline: '200ms' } })
    const { id } = await one.aComment()
    const { hold, value } = readHeld(one, id)
    await hold.reached

    dying.die()
    await dying.writeText(id, 'y')
    const marks = await processes.marksOn(id)
    await processes.untilServerTime(Math.max(0, ...(marks?.owners ?? []).map(deadlineOf)))
    hold.release()
    await value

    expect(await other.readText(id)).to.equal('y')
  })

  it('H9c value made inside an open transaction', async () => {
    const { id } = await one.aComment()
    await other.untilCached(id)
    const key = 'text'
    const served: unknown[] = []
    const readIn = async (manager: EntityManager): Promise<void> => {
      const factory = async (): Promise<string> => (await one.loadComment(id, manager)).text
      served.push(
        await one.filled(one.sweeper.getOrSet({ on: record(Comment, id), key, manager, factory })),
      )
    }

    const rolledBack = one.dataSource.transaction(async (manager) => {
      await readIn(manager)
      await manager.save(Comment, { id, text: 'y' })
      await readIn(manager)
      throw new Error('rolled back')
    })
    await rolledBack.catch(() => undefined)

    expect(served).to.deep.equal(['x', 'y'])
    expect(await other.readText(id)).to.equal('x')
    expect(await one.readText(id)).to.equal('x')
  })

  it('H9c value made inside an open transaction: rolled back to a savepoint', async () => {
    const { id } = await one.aComment()
    // Inside the callback nothing is kept anyway.
    const elsewhere = new AsyncResource('elsewhere')

    await one.dataSource.transaction(async (manager) => {
      const inner = manager.transaction(async (nested) => {
        await nested.save(Comment, { id, text: 'y' })
        const instance = await one.loadComment(id, nested)
        const factory = (): string => instance.text
        const read = (): Promise<string> =>
          one.filled(one.sweeper.getOrSet({ on: instance, key: 'text', factory }))
        await elsewhere.runInAsyncScope(read)
        throw new Error('rolled back')
      })
      await inner.catch(() => undefined)
    })

    expect(await other.readText(id)).to.equal('x')
  })

  it('H13 attribute as version', async () => {
    const { id } = await one.aComment()
    const render = async (): Promise<string> => {
      const comment = await one.loadComment(id)
      const factory = (): string => comment.text
      return one.filled(one.sweeper.getOrSet({ on: comment, key: 'card', factory }))
    }
    await one.readText(id)
    const { updatedAt } = await one.loadComment(id)
    await processes.untilServerTime(Date.now() + 20)
    await render()
    const kept = await one.sweeper.get({ on: record(Comment, id), key: 'card' })

    await other.dataSource.getRepository(Comment).update(id, { text: 'y', updatedAt })

    expect(kept).to.equal('x')
    expect((await one.loadComment(id)).updatedAt).to.deep.equal(updatedAt)
    expect(await render()).to.equal('y')
  })

  it('H24 old snapshot', async () => {
    const { id } = await one.aComment()

    const read = await one.dataSource.transaction('REPEATABLE READ', async (manager) => {
      await manager.query('SELECT 1')
      await other.writeText(id, 'y')
      const factory = async (): Promise<string> => (await one.loadComment(id, manager)).text
      return one.filled(
        one.sweeper.getOrSet({ on: record(Comment, id), key: 'text', manager, factory }),
      )
    })

    expect(read).to.equal('x')
    expect(await other.readText(id)).to.equal('y')
  })
})

function deadlineOf({ deadlineMs }: { readonly deadlineMs: number }): number {
  return deadlineMs
}
