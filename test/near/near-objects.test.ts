import { expect } from 'chai'
import {
  MemoryStore,
  record,
  type Push,
  type PushingStore,
  type PushListener,
} from '../../src/index'
import { GatedStore } from '../support/gated-store'
import { describeWith } from '../support/services'
import { until } from '../support/services-process'
import { Article } from '../support/zoo'
import { zooSweeper, type ZooSweeper } from '../support/zoo-sweeper'

/** Tells nobody of any move: pushes that are late for as long as the test lasts. */
class LatePushes extends GatedStore implements PushingStore {
  listen(_namespace: string, listener: PushListener): Push {
    listener.listening()
    return { fence: () => Promise.resolve(), close: () => undefined }
  }
}

describeWith(['postgres'], 'objects out of the near tier', ({ postgres }) => {
  let reader: ZooSweeper
  let writer: ZooSweeper
  let store: LatePushes
  beforeEach(async () => {
    const memory = new MemoryStore()
    store = new LatePushes(memory)
    const near = { level: 'bounded' } as const
    reader = await zooSweeper(postgres.options, {
      store,
      namespace: 'x',
      near,
    })
    writer = await zooSweeper(postgres.options, { store: new GatedStore(memory), namespace: 'x' })
  })
  afterEach(async () => {
    await reader.dataSource.destroy()
    await writer.dataSource.destroy()
  })

  it('are no newer than when their tokens stood: what is made of one is not stored under later ones', async () => {
    const { id } = await writer.dataSource.getRepository(Article).save({ title: 'a' })
    for (let count = 0; count < 3; count++) await reader.sweeper.find(Article, id)
    await writer.dataSource.getRepository(Article).save({ id, title: 'b' })
    const writtenAtMs = Date.now()
    // Past the margin within which nothing is believed to be newer than a token.
    await until('the margin passing', 5_000, async () => Date.now() > writtenAtMs + 50)

    const old = await reader.sweeper.find(Article, id)
    expect(old?.title).to.equal('a')
    const made = { on: old ?? [], key: 'title', near: false, factory: () => old?.title } as const
    expect(await reader.sweeper.getOrSet(made)).to.equal('a')
    await store.idle()
    const kept = await reader.sweeper.get({ on: record(Article, id), key: 'title', near: false })
    expect(kept).to.equal(undefined)
  })

  it('are instances of their own for everybody', async () => {
    const { id } = await writer.dataSource.getRepository(Article).save({ title: 'a' })
    const found: (Article | null)[] = []
    for (let count = 0; count < 4; count++) found.push(await reader.sweeper.find(Article, id))
    expect(new Set(found).size).to.equal(4)
    for (const article of found) {
      expect(article).to.be.an.instanceOf(Article)
      if (article !== null) article.title = 'mine'
    }
    expect((await reader.sweeper.find(Article, id))?.title).to.equal('a')
  })
})
