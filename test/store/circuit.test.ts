import { expect } from 'chai'
import { Circuit } from '../../src/store/circuit'
import { ManualClock } from '../support/manual-clock'

describe('Circuit', () => {
  let clock: ManualClock
  let circuit: Circuit

  beforeEach(() => {
    clock = new ManualClock()
    circuit = new Circuit({ clock, random: () => 1 })
  })

  const failTimes = (count: number): void => {
    for (let index = 0; index < count; index++) circuit.failed(circuit.enter() ?? 'through')
  }

  it('lets calls through until five in a row have failed', () => {
    failTimes(4)
    const fifth = circuit.enter()
    failTimes(1)

    expect(fifth).to.equal('through')
    expect(circuit.enter()).to.equal(undefined)
  })

  it('counts failures in a row only', () => {
    failTimes(4)
    circuit.succeeded('through')
    failTimes(4)

    expect(circuit.enter()).to.equal('through')
  })

  it('lets exactly one call probe when a second has passed', () => {
    failTimes(5)
    clock.advance(999)
    const early = circuit.enter()
    clock.advance(1)
    const passages = [circuit.enter(), circuit.enter(), circuit.enter()]

    expect(early).to.equal(undefined)
    expect(passages).to.deep.equal(['probe', undefined, undefined])
  })

  it('is closed again by a probe that succeeds, and counts from the start', () => {
    failTimes(5)
    clock.advance(1_000)
    circuit.enter()
    circuit.succeeded('probe')
    failTimes(4)

    expect(circuit.enter()).to.equal('through')
  })

  it('doubles its pause with every failed probe, up to thirty seconds', () => {
    failTimes(5)
    const pauses = [1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000].map((pauseMs) => {
      clock.advance(pauseMs - 1)
      const early = circuit.enter()
      clock.advance(1)
      const probe = circuit.enter()
      circuit.failed('probe')
      return [early, probe]
    })

    for (const pause of pauses) expect(pause).to.deep.equal([undefined, 'probe'])
  })

  it('pauses up to a quarter less by chance', () => {
    circuit = new Circuit({ clock, random: () => 0 })
    failTimes(5)
    clock.advance(750)

    expect(circuit.enter()).to.equal('probe')
  })

  it('does not count calls that were under way when it opened', () => {
    const [late] = [circuit.enter()]
    failTimes(5)
    circuit.succeeded(late ?? 'probe')
    const open = circuit.kind
    clock.advance(1_000)
    circuit.enter()
    circuit.failed('through')
    circuit.succeeded('through')

    expect(open).to.equal('open')
    expect(circuit.kind).to.equal('half-open')
  })

  it('lets another call probe when the probe has decided nothing', () => {
    failTimes(5)
    clock.advance(1_000)
    circuit.enter()
    circuit.undecided('probe')

    expect(circuit.enter()).to.equal('probe')
  })

  it('is neither opened nor closed by calls that decide nothing', () => {
    failTimes(4)
    for (let index = 0; index < 10; index++) circuit.undecided('through')
    const after = circuit.enter()
    failTimes(1)

    expect(after).to.equal('through')
    expect(circuit.kind).to.equal('open')
  })
})
