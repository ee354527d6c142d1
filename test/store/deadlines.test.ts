import { expect } from 'chai'
import { execFile } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { Deadlines } from '../../src/store/deadlines'

/** Milliseconds until a call that never ends is given up. */
function msUntilLate(deadlines: Deadlines): Promise<number> {
  const startedMs = performance.now()
  return new Promise((resolve) => deadlines.begin(() => resolve(performance.now() - startedMs)))
}

describe('Deadlines', () => {
  it('give each call the same time, whenever it began', async () => {
    const deadlines = new Deadlines(40)
    const first = msUntilLate(deadlines)
    await sleep(15)
    const second = msUntilLate(deadlines)
    await sleep(40)
    const third = msUntilLate(deadlines)

    for (const ms of await Promise.all([first, second, third])) expect(ms).to.be.within(39, 1_000)
  })

  it('leave alone what has ended', async () => {
    const deadlines = new Deadlines(10)
    let late = 0
    const call = deadlines.begin(() => late++)

    expect(deadlines.end(call)).to.equal(true)
    expect(deadlines.end(call)).to.equal(false)
    await sleep(30)
    expect(late).to.equal(0)
  })

  it('say whether a call was given up before it ended', async () => {
    const deadlines = new Deadlines(10)
    const call = deadlines.begin(() => undefined)
    await sleep(60)

    expect(deadlines.end(call)).to.equal(false)
  })

  it('leave a reply that came while the process was busy its turn', async () => {
    const deadlines = new Deadlines(10)
    let late = 0
    const call = deadlines.begin(() => late++)
    const answered = sleep(11).then(() => deadlines.end(call))
    const end = performance.now() + 50
    while (performance.now() < end);

    expect(await answered).to.equal(true)
    expect(late).to.equal(0)
  })

  it('keep no process alive', async () => {
    const file = JSON.stringify(require.resolve('../../src/store/deadlines'))
    const script = `new (require(${file}).Deadlines)(60_000).begin(Error)`

    await promisify(execFile)(process.execPath, ['-e', script], { timeout: 20_000 })
  })
})
