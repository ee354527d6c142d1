import { expect } from 'chai'
import { AsyncLocalStorage } from 'node:async_hooks'
import { RecursiveFactoryError } from '../../src/core/errors'
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

  describe('runQueued()', () => {
    it('takes no value of a load that began before', async () => {
      const old = new Gate<string>()
      const first = at.flights.runQueued('k', 'card', loading(at, 'old', old), PATIENT)
      const later = [1, 2, 3].map(async (index) =>
        at.flights.runQueued('k', 'card', async () => at.loads.push(`queued ${index}`), PATIENT),
      )
      await microtasks()
      expect(at.loads).to.deep.equal(['old'])

      old.open('old')

      expect(await first).to.equal('old')
      expect(await Promise.all(later)).to.deep.equal([2, 2, 2])
      expect(at.loads).to.deep.equal(['old', 'queued 1'])
    })

    it('queues behind the queued load as soon as that one runs', async () => {
      const gates = [new Gate<number>(), new Gate<number>(), new Gate<number>()] as const
      const call = async (index: 0 | 1 | 2): Promise<number> =>
        at.flights.runQueued('k', 'card', loading(at, String(index), gates[index]), PATIENT)
      const first = call(0)
      const second = call(1)
      gates[0].open(0)
      await first
      const third = call(2)
      gates[1].open(1)
      gates[2].open(2)

      expect(await Promise.all([second, third])).to.deep.equal([1, 2])
      expect(at.loads).to.deep.equal(['0', '1', '2'])
    })

    it('loads although the load before it failed', async () => {
      const old = new Gate<string>()
      const first = at.flights.runQueued('k', 'card', loading(at, 'old', old), PATIENT)
      const second = at.flights.runQueued('k', 'card', async () => 'new', PATIENT)

      old.fail(new Error('no database'))

      expect(await settled(first)).to.be.instanceOf(Error)
      expect(await second).to.equal('new')
    })

    it('waits no longer than allowed behind a load that hangs', async () => {
      const hung = new Gate<string>()
      const next = new Gate<string>()
      const first = at.flights.runQueued('k', 'card', loading(at, 'hung', hung), HASTY)
      const others = Array.from({ length: 20 }, async () =>
        at.flights.runQueued('k', 'card', loading(at, 'next', next), HASTY),
      )
      await whenTheHastyHaveLeft()

      next.open('new')

      expect(new Set(await Promise.all(others))).to.deep.equal(new Set(['new']))
      expect(at.loads).to.deep.equal(['hung', 'next'])
      hung.open('late')
      await first
    })

    it('waits no longer than allowed for a queued load that hangs', async () => {
      const gates = [new Gate<string>(), new Gate<string>()] as const
      const old = at.flights.runQueued('k', 'card', loading(at, 'old', gates[0]), PATIENT)
      const patient = at.flights.runQueued('k', 'card', loading(at, 'queued', gates[1]), PATIENT)
      const hasty = at.flights.runQueued('k', 'card', loading(at, 'own', gates[0]), HASTY)
      gates[0].open('now')
      await old

      await whenTheHastyHaveLeft()

      expect(at.loads).to.deep.equal(['old', 'queued', 'own'])
      gates[1].open('late')
      expect(await Promise.all([patient, hasty])).to.deep.equal(['late', 'now'])
    })

    it('refuses a load that asks for its own key, and queues nothing', async () => {
      const inner = async (): Promise<number> => at.loads.push('inner')
      const error = await settled(
        at.flights.runQueued(
          'k',
          'card',
          async () => at.flights.runQueued('k', 'card', inner, PATIENT),
          PATIENT,
        ),
      )
      await microtasks()

      expect(error).to.be.instanceOf(RecursiveFactoryError)
      expect(at.loads).to.deep.equal([])
    })

    it('refuses it also when another load is queued already', async () => {
      const meet = new Gate<void>()
      const first = at.flights.runQueued(
        'k',
        'card',
        async () => {
          await meet.promise
          return at.flights.runQueued('k', 'card', async () => 'never', PATIENT)
        },
        PATIENT,
      )
      const second = at.flights.runQueued('k', 'card', async () => 'queued', PATIENT)

      meet.open()

      expect(await settled(first)).to.be.instanceOf(RecursiveFactoryError)
      expect(await second).to.equal('queued')
    })

    it('loads in the async context of the one who queued it', async () => {
      const request = new AsyncLocalStorage<string>()
      const old = new Gate<unknown>()
      const first = request.run('first', async () =>
        at.flights.runQueued('k', 'card', loading(at, 'old', old), PATIENT),
      )
      const second = request.run('second', async () =>
        at.flights.runQueued('k', 'card', async () => request.getStore(), PATIENT),
      )

      old.open('old')

      expect(await Promise.all([first, second])).to.deep.equal(['old', 'second'])
    })
  })
})
