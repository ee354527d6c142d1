import { expect } from 'chai'
import { RecursiveFactoryError } from '../../src/core/errors'
import { SingleFlight } from '../../src/core/single-flight'
import { Gate, HASTY, PATIENT, airport, loading, microtasks, settled } from './support/loads'

describe('SingleFlight', () => {
  const at = airport()

  describe('a load that waits for itself', () => {
    const run = async (key: string, load: () => Promise<unknown>): Promise<unknown> =>
      at.flights.run(key, key, load, PATIENT)

    it('is refused when it asks for its own key', async () => {
      const error = await settled(run('a', async () => run('a', async () => 'never')))

      expect(error).to.be.instanceOf(RecursiveFactoryError)
      expect(error)
        .to.have.property('message')
        .that.contains('its factory waits for its own value (a -> a)')
    })

    it('is refused when it asks for it through others', async () => {
      const error = await settled(
        run('a', async () =>
          run('b', async () => run('c', async () => run('a', async () => 'never'))),
        ),
      )

      expect(error).to.be.instanceOf(RecursiveFactoryError)
      expect(error).to.have.property('message').that.contains('(a -> b -> c -> a)')
    })

    it('is refused when two loads wait for each other crosswise', async () => {
      const meet = new Gate<void>()
      const a = run('a', async () => {
        await meet.promise
        return run('b', async () => 'never')
      })
      const b = run('b', async () => {
        await meet.promise
        return run('a', async () => 'never')
      })

      meet.open()
      const outcomes = await Promise.all([settled(a), settled(b)])

      expect(outcomes[0]).to.be.instanceOf(RecursiveFactoryError)
      expect(outcomes[1]).to.equal(outcomes[0])
    })

    it('is refused however the circle is closed across several caches', async () => {
      const other = new SingleFlight()
      const error = await settled(
        run('a', async () =>
          other.run('b', 'b', async () => run('a', async () => 'never'), PATIENT),
        ),
      )

      expect(error).to.be.instanceOf(RecursiveFactoryError)
    })

    it('is refused in one of the parts it loads at once', async () => {
      const error = await settled(
        run('a', async () =>
          Promise.all([run('b', async () => 'b'), run('a', async () => 'never')]),
        ),
      )

      expect(error).to.be.instanceOf(RecursiveFactoryError)
    })

    it('can catch that and load without the cache', async () => {
      const value = await run('a', async () => run('a', async () => 'never').catch(() => 'without'))

      expect(value).to.equal('without')
    })

    it('is none when others only meet on the way', async () => {
      const values = await Promise.all([
        run('a', async () => run('shared', async () => 's')),
        run('b', async () =>
          Promise.all([run('shared', async () => 's'), run('a', async () => 'a')]),
        ),
      ])

      expect(values).to.deep.equal(['s', ['s', 's']])
    })

    it('is none when the key is asked for by what a load left behind', async () => {
      const left: Promise<unknown>[] = []
      const ended = new Gate<void>()
      await run('a', async () => {
        left.push(ended.promise.then(async () => run('a', async () => 'again')))
        return 'first'
      })

      ended.open()

      expect(await Promise.all(left)).to.deep.equal(['again'])
    })

    it('is none when a caller has left it', async () => {
      const hung = new Gate<string>()
      const b = run('b', loading(at, 'b', hung))
      const a = await at.flights.run(
        'a',
        'a',
        async () => {
          const own = await at.flights.run('b', 'b', async () => 'own b', HASTY)
          return `a of ${own}`
        },
        PATIENT,
      )

      expect(a).to.equal('a of own b')
      hung.open('late')
      await b
    })
  })

  describe('a load that takes the place of another', () => {
    it('may be asked for by the one it replaced a wait for', async () => {
      const meet = new Gate<void>()
      const b = at.flights.run(
        'b',
        'b',
        async () => {
          await meet.promise
          return at.flights.run('a', 'a', async () => 'never', PATIENT)
        },
        PATIENT,
      )
      const a = at.flights.run(
        'a',
        'a',
        async () => {
          await at.flights.run('b', 'b', async () => 'own b', HASTY)
          meet.open()
          await microtasks()
          return 'a'
        },
        PATIENT,
      )

      expect(await Promise.all([a, b])).to.deep.equal(['a', 'a'])
    })

    it('may wait for those who still wait for the other', async () => {
      const hung = new Gate<string>()
      const first = at.flights.run('k', 'card', loading(at, 'hung', hung), PATIENT)
      const page = at.flights.run(
        'page',
        'page',
        async () => at.flights.run('k', 'card', async () => 'never', PATIENT),
        PATIENT,
      )
      const second = at.flights.run(
        'k',
        'card',
        async () => {
          at.loads.push('second')
          return at.flights.run('page', 'page', async () => 'never', PATIENT)
        },
        HASTY,
      )
      while (at.loads.length < 2) await microtasks()

      hung.open('late')

      expect(await Promise.all([first, page, second])).to.deep.equal(['late', 'late', 'late'])
    })
  })
})
