import { expect } from 'chai'
import { type LoadFlight } from '../../src/core/single-flight'
import { Gate, HASTY, PATIENT, airport, loading, microtasks, settled } from './support/loads'

describe('SingleFlight', () => {
  const at = airport()

  describe('the signal of a load', () => {
    /** A load that listens, and answers why it was told to stop. */
    function listening(flight: LoadFlight): Promise<unknown> {
      return new Promise((resolve) => {
        flight.signal.addEventListener('abort', () => resolve(flight.signal.reason))
      })
    }

    it('aborts when the cache is closed', async () => {
      const closed = new Error('closed')
      const caller = at.flights.run('k', 'card', listening, PATIENT)
      await microtasks()

      at.flights.abortAll(closed)

      expect(await caller).to.equal(closed)
    })

    it('is aborted for a load that asks for it late', async () => {
      const closed = new Error('closed')
      const gate = new Gate<void>()
      const caller = at.flights.run(
        'k',
        'card',
        async (flight) => {
          await gate.promise
          return flight.signal.reason as unknown
        },
        PATIENT,
      )
      await microtasks()

      at.flights.abortAll(closed)
      gate.open()

      expect(await caller).to.equal(closed)
    })

    it('ends the wait for a queued load, which never begins', async () => {
      const closed = new Error('closed')
      const old = new Gate<string>()
      const first = at.flights.runQueued('k', 'card', loading(at, 'old', old), PATIENT)
      const second = at.flights.runQueued('k', 'card', async () => at.loads.push('queued'), PATIENT)
      await microtasks()

      at.flights.abortAll(closed)

      expect(await settled(second)).to.equal(closed)
      old.open('old')
      await first
      expect(at.loads).to.deep.equal(['old'])
    })

    it('does not stop those who come after that', async () => {
      const old = new Gate<string>()
      const first = at.flights.runQueued('k', 'card', loading(at, 'old', old), PATIENT)
      const second = at.flights.runQueued('k', 'card', loading(at, 'second', old), PATIENT)
      await microtasks()

      at.flights.abortAll(new Error('closed'))
      const third = at.flights.runQueued('k', 'card', async () => 'third', PATIENT)
      await settled(second)
      old.open('old')

      expect(await Promise.all([first, third])).to.deep.equal(['old', 'third'])
      expect(await at.flights.runQueued('k', 'card', async () => 'fourth', PATIENT)).to.equal(
        'fourth',
      )
    })

    it('leaves the way free for those who come after the end', async () => {
      const old = new Gate<string>()
      const first = at.flights.runQueued('k', 'card', loading(at, 'old', old), PATIENT)
      const second = at.flights.runQueued('k', 'card', loading(at, 'second', old), PATIENT)
      await microtasks()

      at.flights.abortAll(new Error('closed'))
      await settled(second)
      old.open('old')
      await first

      expect(await at.flights.runQueued('k', 'card', async () => 'third', PATIENT)).to.equal(
        'third',
      )
    })

    it('aborts when everybody has left', async () => {
      const old = new Gate<string>()
      const reasons: unknown[] = []
      const first = at.flights.runQueued('k', 'card', loading(at, 'old', old), PATIENT)
      const second = at.flights.runQueued(
        'k',
        'card',
        async (flight) => {
          at.loads.push('queued')
          if (at.loads.length > 2) return 'own'
          return reasons.push(await listening(flight))
        },
        HASTY,
      )
      old.open('old')
      await first

      expect(await second).to.equal('own')
      expect(reasons[0]).to.be.instanceOf(DOMException).with.property('name', 'AbortError')
      expect(at.loads).to.deep.equal(['old', 'queued', 'queued'])
    })

    it('does no harm when a load fails that everybody has left', async () => {
      const old = new Gate<string>()
      const first = at.flights.runQueued('k', 'card', loading(at, 'old', old), PATIENT)
      const second = at.flights.runQueued(
        'k',
        'card',
        async (flight) => {
          at.loads.push('queued')
          if (at.loads.length > 2) return 'own'
          throw await listening(flight)
        },
        HASTY,
      )
      old.open('old')
      await first

      expect(await second).to.equal('own')
      await microtasks()
    })

    it('is not aborted while somebody waits, nor after the end', async () => {
      const signals: AbortSignal[] = []
      const gate = new Gate<string>()
      const load = async (flight: LoadFlight): Promise<string> => {
        signals.push(flight.signal)
        return gate.promise
      }
      const first = at.flights.run('k', 'card', load, PATIENT)
      const second = at.flights.run('k', 'card', load, HASTY)
      while (signals.length < 2) await microtasks()

      gate.open('value')
      await Promise.all([first, second])
      at.flights.abortAll(new Error('closed'))

      expect(signals.map(({ aborted }) => aborted)).to.deep.equal([false, false])
    })

    it('never lets a newcomer join a load that was told to stop', async () => {
      const gate = new Gate<string>()
      const first = at.flights.run('k', 'card', loading(at, 'old', gate), PATIENT)
      await microtasks()
      at.flights.abortAll(new Error('closed'))

      expect(await at.flights.run('k', 'card', async () => 'new', PATIENT)).to.equal('new')
      gate.open('old')
      await first
    })
  })
})
