import { expect } from 'chai'
import { InstanceOrigins } from '../../src/core/instance-origins'
import { Tenants } from '../../src/core/tenants'

describe('where instances come from', () => {
  const runner = (isTransactionActive = false) => ({ isTransactionActive })
  const UNKNOWN = { loadedAtMs: undefined, inTransaction: false }

  it('is unknown of what nobody has noted', () => {
    expect(new InstanceOrigins().originOf({})).to.deep.equal(UNKNOWN)
  })

  it('is the time when their query began, each its own', () => {
    const origins = new InstanceOrigins()
    const [one, other] = [{}, {}]
    const loading = runner()
    origins.note(one, 1_000, loading)
    origins.note(other, 2_000, loading)

    expect(origins.originOf(one)).to.deep.equal({ loadedAtMs: 1_000, inTransaction: false })
    expect(origins.originOf(other)).to.deep.equal({ loadedAtMs: 2_000, inTransaction: false })
  })

  it('is a transaction for as long as that is open', () => {
    const origins = new InstanceOrigins()
    const [open, another, instance, outside] = [runner(true), runner(), {}, {}]
    origins.note(instance, undefined, open)
    origins.note(outside, 1_000, another)
    const during = [origins.originOf(instance), origins.originOf(outside)]

    open.isTransactionActive = false
    another.isTransactionActive = true

    expect(during).to.deep.equal([
      { loadedAtMs: undefined, inTransaction: true },
      { loadedAtMs: 1_000, inTransaction: false },
    ])
    expect(origins.originOf(instance)).to.deep.equal(UNKNOWN)
    expect(origins.originOf(outside)).to.deep.equal({ loadedAtMs: 1_000, inTransaction: false })
  })

  it('is unknown of what was saved since', () => {
    const origins = new InstanceOrigins()
    const instance = {}
    origins.note(instance, 1_000, runner())

    origins.forget(instance, runner())

    expect(origins.originOf(instance)).to.deep.equal(UNKNOWN)
  })

  it('proves nothing to another tenant', () => {
    let tenant = 'acme'
    const origins = new InstanceOrigins(new Tenants(() => tenant))
    const instance = {}
    origins.note(instance, 1_000, runner())
    const own = origins.originOf(instance)

    tenant = 'other'

    expect(own.loadedAtMs).to.equal(1_000)
    expect(origins.originOf(instance)).to.deep.equal(UNKNOWN)
  })
})
