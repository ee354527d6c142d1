import { expect } from 'chai'
import { AsyncLocalStorage } from 'node:async_hooks'
import {
  Gate,
  HASTY,
  PATIENT,
  airport,
  loading,
  microtasks,
  settled,
  whenTheHastyHaveLeft,
} from './support/loads'

describe('SingleFlight', () => {
  const at = airport()

  describe('run()', () => {
    it('loads once for all who come meanwhile', async () => {
      const gate = new Gate<string>()
      const callers = Array.from({ length: 50 }, () =>
        at.flights.run('k', 'card', loading(at, 'a', gate), PATIENT),
      )
      await microtasks()

      gate.open('value')

      expect(new Set(await Promise.all(callers))).to.deep.equal(new Set(['value']))
      expect(at.loads).to.deep.equal(['a'])
    })

    it('says whether a load runs', async () => {
      const gate = new Gate<string>()
      const first = at.flights.run('k', 'card', loading(at, 'a', gate), PATIENT)
      const [during, other] = [at.flights.isRunning('k'), at.flights.isRunning('l')]

      gate.open('value')
      await first

      expect([during, other, at.flights.isRunning('k')]).to.deep.equal([true, false, false])
    })

    it('loads anew for who comes after the end', async () => {
      await at.flights.run('k', 'card', async () => at.loads.push('a'), PATIENT)
      await at.flights.run('k', 'card', async () => at.loads.push('b'), PATIENT)

      expect(at.loads).to.deep.equal(['a', 'b'])
    })

    it('loads at once for another key', async () => {
      const gate = new Gate<string>()
      const first = at.flights.run('k', 'card', loading(at, 'a', gate), PATIENT)

      expect(await at.flights.run('l', 'card', async () => 'other', PATIENT)).to.equal('other')
      gate.open('value')
      await first
    })

    it('hands an error to every caller', async () => {
      const gate = new Gate<string>()
      const error = new Error('no database')
      const callers = [1, 2, 3].map(async () =>
        at.flights.run('k', 'card', loading(at, 'a', gate), PATIENT),
      )

      gate.fail(error)

      expect(await Promise.all(callers.map(settled))).to.deep.equal([error, error, error])
    })

    it('hands over what a load throws before it has a promise', async () => {
      const error = new Error('no promise')
      const caller = at.flights.run(
        'k',
        'card',
        () => {
          throw error
        },
        PATIENT,
      )

      expect(await settled(caller)).to.equal(error)
    })

    it('lets a caller leave a load that takes too long, and load itself', async () => {
      const hung = new Gate<string>()
      const first = at.flights.run('k', 'card', loading(at, 'hung', hung), HASTY)

      const second = await at.flights.run('k', 'card', async () => 'own', HASTY)

      expect(second).to.equal('own')
      hung.open('late')
      expect(await first).to.equal('late')
    })

    it('lets those who leave share one new load', async () => {
      const hung = new Gate<string>()
      const next = new Gate<string>()
      const first = at.flights.run('k', 'card', loading(at, 'hung', hung), HASTY)
      const others = Array.from({ length: 20 }, () =>
        at.flights.run('k', 'card', loading(at, 'next', next), HASTY),
      )
      await whenTheHastyHaveLeft()

      next.open('new')

      expect(new Set(await Promise.all(others))).to.deep.equal(new Set(['new']))
      expect(at.loads).to.deep.equal(['hung', 'next'])
      hung.open('late')
      await first
    })

    it('lets those who come after that join the new load', async () => {
      const hung = new Gate<string>()
      const next = new Gate<string>()
      const first = at.flights.run('k', 'card', loading(at, 'hung', hung), HASTY)
      const second = at.flights.run('k', 'card', loading(at, 'next', next), HASTY)
      while (at.loads.length < 2) await microtasks()
      const third = at.flights.run('k', 'card', loading(at, 'third', next), PATIENT)

      hung.open('late')
      await first
      const fourth = at.flights.run('k', 'card', loading(at, 'fourth', next), PATIENT)
      next.open('new')

      expect(await Promise.all([second, third, fourth])).to.deep.equal(['new', 'new', 'new'])
      expect(at.loads).to.deep.equal(['hung', 'next'])
    })

    it('waits for others no longer than twice, whatever hangs', async () => {
      const hung = Array.from({ length: 3 }, () => new Gate<string>())
      const callers = hung.map(async (gate, index) =>
        at.flights.run('k', 'card', loading(at, `load ${index}`, gate), HASTY),
      )

      while (at.loads.length < 3) await microtasks()

      for (const [index, gate] of hung.entries()) gate.open(`value ${index}`)
      expect(await Promise.all(callers)).to.deep.equal(['value 0', 'value 1', 'value 2'])
    })

    it('waits as long as a timer cannot count', async () => {
      const gate = new Gate<string>()
      const first = at.flights.run('k', 'card', loading(at, 'a', gate), { timeoutMs: 2 ** 40 })
      const second = at.flights.run('k', 'card', loading(at, 'b', gate), { timeoutMs: 2 ** 40 })
      await new Promise((resolve) => setTimeout(resolve, 20))

      gate.open('value')

      expect(await Promise.all([first, second])).to.deep.equal(['value', 'value'])
      expect(at.loads).to.deep.equal(['a'])
    })

    it('keeps the async context of each caller', async () => {
      const request = new AsyncLocalStorage<string>()
      const seen: unknown[] = []
      const call = (name: string): Promise<void> =>
        request.run(name, async () => {
          await at.flights.run(
            'k',
            'card',
            async () => seen.push(`load in ${request.getStore()}`),
            PATIENT,
          )
          seen.push(`back in ${request.getStore()}`)
        })

      await Promise.all([call('first'), call('second')])

      expect(seen).to.have.members(['load in first', 'back in first', 'back in second'])
    })
  })
})
