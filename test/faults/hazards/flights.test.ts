import { expect } from 'chai'
import { record } from '../../../src/index'
import { type AppProcess, AppProcesses } from '../../support/app-processes'
import { holdCommit } from '../../support/held-queries'
import { gate } from '../../support/hold'
import { describeWith } from '../../support/services'
import { Comment } from '../../support/zoo'

/** Callers who share a load. The names are those of docs/consistency.md. */
describeWith(['postgres', 'redis'], 'hazards of shared loads', (services) => {
  let processes: AppProcesses
  let app: AppProcess

  beforeEach(async () => {
    processes = new AppProcesses(services)
    app = await processes.start()
  })
  afterEach(() => processes.stop())

  it('H26 stampede', async () => {
    const { id } = await app.aComment()
    let loads = 0

    const callers = Array.from({ length: 500 }, () =>
      app.readText(id, () => {
        loads++
        return app.loadText(id)
      }),
    )
    const texts = await Promise.all(callers)

    expect(new Set(texts)).to.deep.equal(new Set(['x']))
    expect(loads).to.equal(1)
  })

  it('H26b joining an older flight', async function () {
    this.timeout(5_000)
    const { id } = await app.aComment()
    const [loaded, goOn] = [gate(), gate()]
    const early = app.readText(id, async () => {
      const text = await app.loadText(id)
      loaded.open()
      await goOn.passed
      return text
    })
    await loaded.passed

    await app.writeText(id, 'y')
    const late = await app.readText(id)
    goOn.open()

    expect(late).to.equal('y')
    expect(await early).to.equal('x')
  })

  it('H26d going back by an older load', async () => {
    const { id } = await app.aComment()
    const writer = await processes.start()
    const [loaded, goOn] = [gate(), gate()]
    const commit = holdCommit(writer.dataSource)
    const sweep = writer.store.hold('sweep')
    const writing = writer.writeText(id, 'y')
    await commit.reached
    const early = app.readText(id, async () => {
      const text = await app.loadText(id)
      loaded.open()
      await goOn.passed
      return text
    })
    await loaded.passed
    commit.release()
    await sweep.reached

    const on = record(Comment, id)
    const seen = await app.sweeper.getOrSet({ on, key: 'other', factory: () => app.loadText(id) })
    const missed = new Promise((resolve) => app.sweeper.on('miss', resolve))
    const late = app.readText(id)
    await missed
    // It decides whom to join in the turn of its miss.
    await new Promise((resolve) => setImmediate(resolve))
    goOn.open()
    const seenLater = await late
    sweep.release()
    await Promise.all([early, writing])

    expect([seen, seenLater]).to.deep.equal(['y', 'y'])
  })

  it('H24 old snapshot: shared with others', async () => {
    const { id } = await app.aComment()
    const [loaded, goOn] = [gate(), gate()]
    const inside = app.dataSource.transaction('REPEATABLE READ', async (manager) => {
      await manager.query('SELECT 1')
      await app.writeText(id, 'y')
      const factory = async (): Promise<string> => {
        const { text } = await app.loadComment(id, manager)
        loaded.open()
        await goOn.passed
        return text
      }
      return app.sweeper.getOrSet({ on: record(Comment, id), key: 'text', manager, factory })
    })
    await loaded.passed

    const look = app.store.hold('read', { when: 'after' })
    const outside = app.readText(id)
    await look.reached
    look.release()
    await app.store.idle()
    // By the next turn of the event loop it has joined a load, or begun one.
    await new Promise((resolve) => setImmediate(resolve))
    goOn.open()

    expect(await inside).to.equal('x')
    expect(await outside).to.equal('y')
  })

  for (const [what, inner] of [
    ['through another fragment', 'b'],
    ['its own key', 'a'],
  ] as const) {
    it(`H26c a load that waits for itself: ${what}`, async function () {
      this.timeout(10_000)
      const { id } = await app.aComment()
      const fragment = (key: string, needs: string): Promise<unknown> =>
        app.sweeper.getOrSet({
          on: record(Comment, id),
          key,
          factory: () => fragment(needs, key),
        })

      const outcome = await fragment('a', inner).catch((error: unknown) => error)

      expect(outcome).to.have.property('code', 'SWEEPER_RECURSIVE_FACTORY')
    })
  }
})
