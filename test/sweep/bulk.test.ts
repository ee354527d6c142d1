import { expect } from 'chai'
import type { BulkProgressEvent } from '../../src/index'
import { Bulk } from '../../src/sweep/bulk'
import { ManualClock } from '../support/manual-clock'

describe('the progress of withoutSweeping()', () => {
  const clock = new ManualClock()
  let told: BulkProgressEvent[]
  let bulk: Bulk

  beforeEach(() => {
    told = []
    bulk = new Bulk({
      sweep: true,
      now: () => clock.now(),
      onProgress: (make) => told.push(make()),
    })
  })

  it('is told at most once a second, and at the end', () => {
    for (let i = 0; i < 30; i++) {
      clock.advance(100)
      bulk.wrote(2)
    }
    clock.advance(1)
    bulk.done()

    expect(told.map(({ rows, elapsedMs, done }) => [rows, elapsedMs, done])).to.deep.equal([
      [20, 1000, false],
      [40, 2000, false],
      [60, 3000, false],
      [60, 3001, true],
    ])
    expect(told.map(({ statements }) => statements)).to.deep.equal([10, 20, 30, 30])
  })

  it('is nothing to tell where nothing was written', () => {
    clock.advance(5000)
    bulk.done()

    expect(told).to.deep.equal([])
  })
})
