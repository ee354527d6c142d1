import { expect } from 'chai'
import { NO_TENANTS, Tenants } from '../../src/core/tenants'

describe('tenants', () => {
  it('are one, without a name, where nobody is asked', () => {
    expect(NO_TENANTS.areKept).to.equal(false)
    expect(NO_TENANTS.current).to.equal('')
    expect(NO_TENANTS.now(() => NO_TENANTS.current)).to.equal('')
    expect(NO_TENANTS.in('acme', () => NO_TENANTS.current)).to.equal('')
  })

  it('are whoever is named now, and nobody for an answer that is no name', () => {
    let answer: unknown = 'acme'
    const tenants = new Tenants(() => answer)
    const named = tenants.current
    const others = ['', undefined, null, 7].map((one) => {
      answer = one
      return tenants.current
    })

    expect(tenants.areKept).to.equal(true)
    expect(named).to.equal('acme')
    expect(others).to.deep.equal([null, null, null, null])
  })

  it('are nobody where the answer is an error, which is told', () => {
    const error = new Error('no request')
    const told: unknown[] = []
    const fail = (): never => {
      throw error
    }

    expect(new Tenants(fail, (one) => told.push(one)).current).to.equal(null)
    expect(new Tenants(fail).current).to.equal(null)
    expect(told).to.deep.equal([error])
  })

  it('stay the ones that work was begun for, also for what it begins and when it goes on later', async () => {
    let answer = 'acme'
    const tenants = new Tenants(() => answer)

    const working = tenants.now(async () => {
      answer = 'other'
      await new Promise((resolve) => setImmediate(resolve))
      return [tenants.current, tenants.now(() => tenants.current)]
    })

    expect(await working).to.deep.equal(['acme', 'other'])
    expect(tenants.current).to.equal('other')
    expect(tenants.in('third', () => tenants.current)).to.equal('third')
    expect(tenants.in(null, () => tenants.current)).to.equal(null)
  })
})
