import { expect } from 'chai'
import { execFile } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { Deadlines } from '../../src/store/deadlines'

const late = (): Error => new Error('late')
const never = (): Promise<never> => new Promise(() => undefined)

async function msUntilLate(deadlines: Deadlines): Promise<number> {
  const startedMs = performance.now()
  expect(await deadlines.within(never(), late).catch(String)).to.equal('Error: late')
  return performance.now() - startedMs
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

  it('settle as the work does, and hear of nothing after that', async () => {
    const deadlines = new Deadlines(10)
    let made = 0
    const count = (): Error => new Error(String(++made))

    expect(await deadlines.within(Promise.resolve(1), count)).to.equal(1)
    const failing = deadlines.within(Promise.reject(new Error('of the work')), count)
    expect(await failing.catch(String)).to.equal('Error: of the work')
    await sleep(30)
    expect(made).to.equal(0)
  })

  it('leave a reply that came while the process was busy its turn', async () => {
    const deadlines = new Deadlines(10)
    const answered = deadlines.within(sleep(11, 'in time'), late)
    const end = performance.now() + 50
    while (performance.now() < end);

    expect(await answered).to.equal('in time')
  })

  it('keep no process alive', async () => {
    const file = JSON.stringify(require.resolve('../../src/store/deadlines'))
    const script = `new (require(${file}).Deadlines)(60_000).within(new Promise(() => {}), Error)`

    await promisify(execFile)(process.execPath, ['-e', script], { timeout: 20_000 })
  })
})
