import { expect } from 'chai'
import { RecentSweeps } from '../../src/version/recent-sweeps'
import { ManualClock } from '../support/manual-clock'

describe('RecentSweeps', () => {
  it('remembers each token once, and that its row was written', () => {
    const recent = new RecentSweeps(new ManualClock(0))
    recent.add([{ key: 'a', row: true }])
    recent.add([{ key: 'a', row: false }])

    expect(recent.all()).to.deep.equal([{ key: 'a', row: true }])
  })

  it('remembers where no row was written', () => {
    const recent = new RecentSweeps(new ManualClock(0))
    recent.add([{ key: 'a', row: false }])

    expect(recent.all()).to.deep.equal([{ key: 'a', row: false }])
  })

  it('forgets after a minute', () => {
    const clock = new ManualClock(0)
    const recent = new RecentSweeps(clock)
    recent.add([{ key: 'old', row: true }])
    clock.advance(30_000)
    recent.add([{ key: 'new', row: true }])
    clock.advance(30_000)

    expect(recent.all().map(({ key }) => key)).to.deep.equal(['new'])
  })

  it('is bounded, and forgets the oldest first', () => {
    const recent = new RecentSweeps(new ManualClock(0))
    for (let index = 0; index < 6_000; index++) recent.add([{ key: String(index), row: true }])

    expect(recent.all()).to.have.length(5_000)
    expect(recent.all().at(0)?.key).to.equal('1000')
  })
})
