import { expect } from 'chai'
import { firstTrue } from '../../src/core/first-true'

const never = new Promise<boolean>(() => {})

describe('firstTrue()', () => {
  it('is true as soon as one is, whatever the others do', async () => {
    expect(await firstTrue([never, Promise.resolve(true)])).to.equal(true)
    expect(await firstTrue([Promise.resolve(false), Promise.resolve(true), never])).to.equal(true)
  })

  it('is false only when all were', async () => {
    expect(await firstTrue([Promise.resolve(false), Promise.resolve(false)])).to.equal(false)
  })

  it('fails with the first that does', async () => {
    const failed = await firstTrue([never, Promise.reject(new Error('no'))]).catch(String)

    expect(failed).to.equal('Error: no')
  })
})
