import { expect } from 'chai'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { MemoryStore } from '../../src/index'
import { CutStore } from './support/cut-store'
import { describeWith } from '../support/services'
import { Page } from '../support/zoo'
import { OutboxApp } from './support/outbox-app'

const UNITS = 300
const PHASES = 4
/** A unit of work that were kept takes more than 1 KB. */
const MAY_GROW_BYTES = 500 * UNITS

setFlagsFromString('--expose-gc')
// V8's own function, which only contexts made after the flag was set have.
const collect = runInNewContext('gc') as () => void

describeWith(['postgres'], 'the memory of a process with an outbox', ({ postgres }) => {
  let app: OutboxApp
  let store: CutStore

  before(async () => {
    store = new CutStore(new MemoryStore())
    const timeout = { delivery: '200ms' } as const
    app = await OutboxApp.start(postgres.options, { store, timeout, outbox: { pollEvery: '1h' } })
  })
  after(() => app.dataSource.destroy())

  async function save(units: number): Promise<void> {
    const { manager } = app.dataSource
    // The same rows again and again: tokens of other records would be kept by right.
    for (let at = 0; at < units; at++)
      await manager.save(Page, { id: 1 + (at % 10), title: `${at}` })
    app.sweeps.reset()
  }

  function heapBytes(): number {
    collect()
    return process.memoryUsage().heapUsed
  }

  for (const isCut of [false, true])
    it(`stays flat, the store being ${isCut ? 'down' : 'up'}`, async function () {
      this.timeout(120_000)
      store.isCut = isCut
      const heaps: number[] = []
      for (let phase = 0; phase < PHASES; phase++) {
        await save(UNITS)
        heaps.push(heapBytes())
      }

      // What is compiled or cached makes the heap grow now and then, what leaks makes it grow every time.
      const growths = heaps.slice(1).map((bytes, at) => bytes - (heaps[at] ?? 0))
      expect(Math.min(...growths)).to.be.lessThan(MAY_GROW_BYTES)
    })
})
