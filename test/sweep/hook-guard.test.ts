import { expect } from 'chai'
import { HookGuard } from '../../src/sweep/hook-guard'

describe('a hook that is guarded', () => {
  let told: unknown[]
  let guard: HookGuard
  const error = new TypeError('ours')
  const failing = (): Promise<void> => Promise.reject(error)

  beforeEach(() => {
    told = []
    guard = new HookGuard(async (fault) => void told.push(fault))
  })

  it('tells errors of our own, and lets the write go on', async () => {
    await guard.run(failing)

    expect(told).to.deep.equal([error])
  })

  it('throws what the caller has to meet, and nothing else', async () => {
    const thrown = await guard.run(failing, (one) => one === error).catch((one: unknown) => one)
    await guard.run(failing, () => false)

    expect(thrown).to.equal(error)
    expect(told).to.deep.equal([error])
  })
})
