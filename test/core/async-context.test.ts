import { expect } from 'chai'
import { execFile } from 'node:child_process'
import { setImmediate } from 'node:timers/promises'
import { promisify } from 'node:util'
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

  it('has its value until the end of work that has one, whatever else ends meanwhile', async () => {
    const context = new AsyncContext<string>()
    const long = context.runToEnd('a', async () => {
      await setImmediate()
      await setImmediate()
      return context.current
    })
    const short = context.runToEnd('b', () => Promise.resolve(context.current))
    const failing = context.runToEnd('c', () => Promise.reject(new Error(context.current)))

    expect(await failing.catch(String)).to.equal('Error: c')
    expect(await short).to.equal('b')
    expect(await long).to.equal('a')
    expect(context.current).to.equal(undefined)
  })

  it('costs the promises of the process nothing before and after work that ends', async () => {
    const { stdout } = await promisify(execFile)(process.execPath, ['-e', IN_A_PROCESS_OF_ITS_OWN])
    const { before, during, after } = JSON.parse(stdout) as Record<string, boolean>

    expect({ before, after }).to.deep.equal({ before: false, after: false })
    // From Node 24 on contexts travel without hooks.
    expect(during).to.equal(Number(process.versions.node.split('.')[0]) < 24)
  })
})

/** Promises have ids of their own exactly while hooks are told of each. */
const IN_A_PROCESS_OF_ITS_OWN = `
  const { executionAsyncId } = require('node:async_hooks')
  const { AsyncContext } = require(${JSON.stringify(require.resolve('../../src/core/async-context'))})
  const isHooked = () => Promise.resolve().then(() => executionAsyncId() !== 0)
  async function main() {
    const before = await isHooked()
    const during = await new AsyncContext().runToEnd('a', isHooked)
    const after = await isHooked()
    console.log(JSON.stringify({ before, during, after }))
  }
  main()
`
