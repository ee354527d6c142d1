import { expect } from 'chai'
import { setImmediate } from 'node:timers/promises'
import { AsyncContext } from '../../src/core/async-context'

describe('AsyncContext', () => {
  it('has its value in all that its work begins, and nowhere else', async () => {
    const context = new AsyncContext<string>()
    const inside = context.run('a', async () => {
      await setImmediate()
      return context.current
    })
    expect(context.current).to.equal(undefined)
    expect(await inside).to.equal('a')
  })

  it('leaves the others their values, and gives the outer one back', async () => {
    const one = new AsyncContext<string>()
    const other = new AsyncContext<number>()
    const seen = await one.run('a', async () => {
      const inner = await other.run(1, () =>
        one.run('b', async () => {
          await setImmediate()
          return [one.current, other.current]
        }),
      )
      return [...inner, one.current, other.current]
    })
    expect(seen).to.deep.equal(['b', 1, 'a', undefined])
  })
})
