import { expect } from 'chai'
import { ServerClock } from '../../src/store/server-clock'
import { ManualClock } from '../support/manual-clock'

describe('ServerClock', () => {
  let wall: ManualClock
  let steady: ManualClock
  let clock: ServerClock

  beforeEach(() => {
    wall = new ManualClock()
    steady = new ManualClock(5_000)
    clock = new ServerClock(wall, steady)
  })

  const pass = (ms: number): void => {
    wall.advance(ms)
    steady.advance(ms)
  }

  /** A round trip of `tripMs` to a server that is `aheadMs` ahead, which looks at its clock halfway. */
  const ask = (tripMs: number, aheadMs: number): void => {
    const sentAtMs = wall.now()
    pass(tripMs)
    clock.learn(sentAtMs + tripMs / 2 + aheadMs, sentAtMs, wall.now())
  }

  it('knows nothing before the first sample', () => {
    expect(clock.read()).to.equal(undefined)
    expect(clock.ageMs).to.equal(Infinity)
  })

  it('is as exact as half a round trip and the grain of the machine’s clock', () => {
    ask(10, 5_000)

    expect(clock.read()).to.deep.equal({ offsetMs: 5_000, errorMs: 6 })
  })

  it('keeps the more exact sample', () => {
    ask(2, 100)
    ask(50, 110)

    expect(clock.read()?.offsetMs).to.equal(100)
  })

  it('ages by the drift of clocks, until a coarser sample is the better one', () => {
    ask(2, 100)
    pass(100_000)
    const aged = clock.read()
    ask(10, 103)

    expect(aged?.errorMs).to.be.closeTo(12, 0.1)
    expect(clock.read()).to.deep.equal({ offsetMs: 103, errorMs: 6 })
    expect(clock.ageMs).to.equal(0)
  })

  it('believes the newer of two that cannot both be true: the server’s clock was set', () => {
    ask(2, 100)
    ask(50, 5_000)

    expect(clock.read()?.offsetMs).to.equal(5_000)
  })

  it('knows nothing after this machine’s clock was set', () => {
    ask(2, 100)
    wall.advance(-60_000)
    const after = clock.read()
    ask(4, 60_100)

    expect(after).to.equal(undefined)
    expect(clock.read()?.offsetMs).to.equal(60_100)
  })

  it('knows nothing after it was told to forget', () => {
    ask(2, 100)
    clock.forget()

    expect(clock.read()).to.equal(undefined)
  })

  it('does not learn from what is no time, or came before it was asked for', () => {
    clock.learn(Number.NaN, wall.now(), wall.now())
    clock.learn(wall.now(), wall.now() + 10, wall.now())

    expect(clock.read()).to.equal(undefined)
  })
})
