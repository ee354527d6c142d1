import { expect } from 'chai'
import { AsyncLocalStorage } from 'node:async_hooks'
import { RecursiveFactoryError } from '../../src/core/errors'
import { type LoadFlight, SingleFlight } from '../../src/core/single-flight'

/** A load that ends when the test says so. */
class Gate<T> {
  readonly promise: Promise<T>
  #resolve: (value: T) => void = () => undefined
  #reject: (error: Error) => void = () => undefined

  constructor() {
    this.promise = new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
  }

  open(value: T): void {
    this.#resolve(value)
  }

  fail(error: Error): void {
    this.#reject(error)
  }
}

const PATIENT = { timeoutMs: Number.POSITIVE_INFINITY }
const HASTY = { timeoutMs: 10 }

async function settled(promise: Promise<unknown>): Promise<unknown> {
  return promise.catch((error: unknown) => error)
}

/** Timers of one duration fire in the order they were made, so by then everybody who waits by now has left. */
async function whenTheHastyHaveLeft(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, HASTY.timeoutMs))
}

async function microtasks(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve))
}

describe('SingleFlight', () => {
  let flights: SingleFlight
  let loads: string[]

  beforeEach(() => {
    flights = new SingleFlight()
    loads = []
  })

  afterEach('remembers no load that has ended', () => {
    expect(flights.size).to.equal(0)
  })

  function loading<T>(label: string, gate: Gate<T>): () => Promise<T> {
    return async () => {
      loads.push(label)
      return gate.promise
    }
  }

  describe('run()', () => {
    it('loads once for all who come meanwhile', async () => {
      const gate = new Gate<string>()
      const callers = Array.from({ length: 50 }, () =>
        flights.run('k', 'card', loading('a', gate), PATIENT),
      )
      await microtasks()

      gate.open('value')

      expect(new Set(await Promise.all(callers))).to.deep.equal(new Set(['value']))
      expect(loads).to.deep.equal(['a'])
    })

    it('loads anew for who comes after the end', async () => {
      await flights.run('k', 'card', async () => loads.push('a'), PATIENT)
      await flights.run('k', 'card', async () => loads.push('b'), PATIENT)

      expect(loads).to.deep.equal(['a', 'b'])
    })

    it('loads at once for another key', async () => {
      const gate = new Gate<string>()
      const first = flights.run('k', 'card', loading('a', gate), PATIENT)

      expect(await flights.run('l', 'card', async () => 'other', PATIENT)).to.equal('other')
      gate.open('value')
      await first
    })

    it('hands an error to every caller', async () => {
      const gate = new Gate<string>()
      const error = new Error('no database')
      const callers = [1, 2, 3].map(async () =>
        flights.run('k', 'card', loading('a', gate), PATIENT),
      )

      gate.fail(error)

      expect(await Promise.all(callers.map(settled))).to.deep.equal([error, error, error])
    })

    it('hands over what a load throws before it has a promise', async () => {
      const error = new Error('no promise')
      const caller = flights.run(
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
      const first = flights.run('k', 'card', loading('hung', hung), HASTY)

      const second = await flights.run('k', 'card', async () => 'own', HASTY)

      expect(second).to.equal('own')
      hung.open('late')
      expect(await first).to.equal('late')
    })

    it('lets those who leave share one new load', async () => {
      const hung = new Gate<string>()
      const next = new Gate<string>()
      const first = flights.run('k', 'card', loading('hung', hung), HASTY)
      const others = Array.from({ length: 20 }, () =>
        flights.run('k', 'card', loading('next', next), HASTY),
      )
      await whenTheHastyHaveLeft()

      next.open('new')

      expect(new Set(await Promise.all(others))).to.deep.equal(new Set(['new']))
      expect(loads).to.deep.equal(['hung', 'next'])
      hung.open('late')
      await first
    })

    it('lets those who come after that join the new load', async () => {
      const hung = new Gate<string>()
      const next = new Gate<string>()
      const first = flights.run('k', 'card', loading('hung', hung), HASTY)
      const second = flights.run('k', 'card', loading('next', next), HASTY)
      while (loads.length < 2) await microtasks()
      const third = flights.run('k', 'card', loading('third', next), PATIENT)

      hung.open('late')
      await first
      const fourth = flights.run('k', 'card', loading('fourth', next), PATIENT)
      next.open('new')

      expect(await Promise.all([second, third, fourth])).to.deep.equal(['new', 'new', 'new'])
      expect(loads).to.deep.equal(['hung', 'next'])
    })

    it('waits for others no longer than twice, whatever hangs', async () => {
      const hung = Array.from({ length: 3 }, () => new Gate<string>())
      const callers = hung.map(async (gate, index) =>
        flights.run('k', 'card', loading(`load ${index}`, gate), HASTY),
      )

      while (loads.length < 3) await microtasks()

      for (const [index, gate] of hung.entries()) gate.open(`value ${index}`)
      expect(await Promise.all(callers)).to.deep.equal(['value 0', 'value 1', 'value 2'])
    })

    it('waits as long as a timer cannot count', async () => {
      const gate = new Gate<string>()
      const first = flights.run('k', 'card', loading('a', gate), { timeoutMs: 2 ** 40 })
      const second = flights.run('k', 'card', loading('b', gate), { timeoutMs: 2 ** 40 })
      await new Promise((resolve) => setTimeout(resolve, 20))

      gate.open('value')

      expect(await Promise.all([first, second])).to.deep.equal(['value', 'value'])
      expect(loads).to.deep.equal(['a'])
    })

    it('keeps the async context of each caller', async () => {
      const request = new AsyncLocalStorage<string>()
      const seen: unknown[] = []
      const call = (name: string): Promise<void> =>
        request.run(name, async () => {
          await flights.run(
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

  describe('a load that waits for itself', () => {
    const run = async (key: string, load: () => Promise<unknown>): Promise<unknown> =>
      flights.run(key, key, load, PATIENT)

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
      const b = run('b', loading('b', hung))
      const a = await flights.run(
        'a',
        'a',
        async () => {
          const own = await flights.run('b', 'b', async () => 'own b', HASTY)
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
      const b = flights.run(
        'b',
        'b',
        async () => {
          await meet.promise
          return flights.run('a', 'a', async () => 'never', PATIENT)
        },
        PATIENT,
      )
      const a = flights.run(
        'a',
        'a',
        async () => {
          await flights.run('b', 'b', async () => 'own b', HASTY)
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
      const first = flights.run('k', 'card', loading('hung', hung), PATIENT)
      const page = flights.run(
        'page',
        'page',
        async () => flights.run('k', 'card', async () => 'never', PATIENT),
        PATIENT,
      )
      const second = flights.run(
        'k',
        'card',
        async () => {
          loads.push('second')
          return flights.run('page', 'page', async () => 'never', PATIENT)
        },
        HASTY,
      )
      while (loads.length < 2) await microtasks()

      hung.open('late')

      expect(await Promise.all([first, page, second])).to.deep.equal(['late', 'late', 'late'])
    })
  })

  describe('runQueued()', () => {
    it('takes no value of a load that began before', async () => {
      const old = new Gate<string>()
      const first = flights.runQueued('k', 'card', loading('old', old), PATIENT)
      const later = [1, 2, 3].map(async (index) =>
        flights.runQueued('k', 'card', async () => loads.push(`queued ${index}`), PATIENT),
      )
      await microtasks()
      expect(loads).to.deep.equal(['old'])

      old.open('old')

      expect(await first).to.equal('old')
      expect(await Promise.all(later)).to.deep.equal([2, 2, 2])
      expect(loads).to.deep.equal(['old', 'queued 1'])
    })

    it('queues behind the queued load as soon as that one runs', async () => {
      const gates = [new Gate<number>(), new Gate<number>(), new Gate<number>()] as const
      const call = async (index: 0 | 1 | 2): Promise<number> =>
        flights.runQueued('k', 'card', loading(String(index), gates[index]), PATIENT)
      const first = call(0)
      const second = call(1)
      gates[0].open(0)
      await first
      const third = call(2)
      gates[1].open(1)
      gates[2].open(2)

      expect(await Promise.all([second, third])).to.deep.equal([1, 2])
      expect(loads).to.deep.equal(['0', '1', '2'])
    })

    it('loads although the load before it failed', async () => {
      const old = new Gate<string>()
      const first = flights.runQueued('k', 'card', loading('old', old), PATIENT)
      const second = flights.runQueued('k', 'card', async () => 'new', PATIENT)

      old.fail(new Error('no database'))

      expect(await settled(first)).to.be.instanceOf(Error)
      expect(await second).to.equal('new')
    })

    it('waits no longer than allowed behind a load that hangs', async () => {
      const hung = new Gate<string>()
      const next = new Gate<string>()
      const first = flights.runQueued('k', 'card', loading('hung', hung), HASTY)
      const others = Array.from({ length: 20 }, async () =>
        flights.runQueued('k', 'card', loading('next', next), HASTY),
      )
      await whenTheHastyHaveLeft()

      next.open('new')

      expect(new Set(await Promise.all(others))).to.deep.equal(new Set(['new']))
      expect(loads).to.deep.equal(['hung', 'next'])
      hung.open('late')
      await first
    })

    it('waits no longer than allowed for a queued load that hangs', async () => {
      const gates = [new Gate<string>(), new Gate<string>()] as const
      const old = flights.runQueued('k', 'card', loading('old', gates[0]), PATIENT)
      const patient = flights.runQueued('k', 'card', loading('queued', gates[1]), PATIENT)
      const hasty = flights.runQueued('k', 'card', loading('own', gates[0]), HASTY)
      gates[0].open('now')
      await old

      await whenTheHastyHaveLeft()

      expect(loads).to.deep.equal(['old', 'queued', 'own'])
      gates[1].open('late')
      expect(await Promise.all([patient, hasty])).to.deep.equal(['late', 'now'])
    })

    it('refuses a load that asks for its own key, and queues nothing', async () => {
      const inner = async (): Promise<number> => loads.push('inner')
      const error = await settled(
        flights.runQueued(
          'k',
          'card',
          async () => flights.runQueued('k', 'card', inner, PATIENT),
          PATIENT,
        ),
      )
      await microtasks()

      expect(error).to.be.instanceOf(RecursiveFactoryError)
      expect(loads).to.deep.equal([])
    })

    it('refuses it also when another load is queued already', async () => {
      const meet = new Gate<void>()
      const first = flights.runQueued(
        'k',
        'card',
        async () => {
          await meet.promise
          return flights.runQueued('k', 'card', async () => 'never', PATIENT)
        },
        PATIENT,
      )
      const second = flights.runQueued('k', 'card', async () => 'queued', PATIENT)

      meet.open()

      expect(await settled(first)).to.be.instanceOf(RecursiveFactoryError)
      expect(await second).to.equal('queued')
    })

    it('loads in the async context of the one who queued it', async () => {
      const request = new AsyncLocalStorage<string>()
      const old = new Gate<unknown>()
      const first = request.run('first', async () =>
        flights.runQueued('k', 'card', loading('old', old), PATIENT),
      )
      const second = request.run('second', async () =>
        flights.runQueued('k', 'card', async () => request.getStore(), PATIENT),
      )

      old.open('old')

      expect(await Promise.all([first, second])).to.deep.equal(['old', 'second'])
    })
  })

  describe('the signal of a load', () => {
    /** A load that listens, and answers why it was told to stop. */
    function listening(flight: LoadFlight): Promise<unknown> {
      return new Promise((resolve) => {
        flight.signal.addEventListener('abort', () => resolve(flight.signal.reason))
      })
    }

    it('aborts when the cache is closed', async () => {
      const closed = new Error('closed')
      const caller = flights.run('k', 'card', listening, PATIENT)
      await microtasks()

      flights.abortAll(closed)

      expect(await caller).to.equal(closed)
    })

    it('is aborted for a load that asks for it late', async () => {
      const closed = new Error('closed')
      const gate = new Gate<void>()
      const caller = flights.run(
        'k',
        'card',
        async (flight) => {
          await gate.promise
          return flight.signal.reason as unknown
        },
        PATIENT,
      )
      await microtasks()

      flights.abortAll(closed)
      gate.open()

      expect(await caller).to.equal(closed)
    })

    it('ends the wait for a queued load, which never begins', async () => {
      const closed = new Error('closed')
      const old = new Gate<string>()
      const first = flights.runQueued('k', 'card', loading('old', old), PATIENT)
      const second = flights.runQueued('k', 'card', async () => loads.push('queued'), PATIENT)
      await microtasks()

      flights.abortAll(closed)

      expect(await settled(second)).to.equal(closed)
      old.open('old')
      await first
      expect(loads).to.deep.equal(['old'])
    })

    it('does not stop those who come after that', async () => {
      const old = new Gate<string>()
      const first = flights.runQueued('k', 'card', loading('old', old), PATIENT)
      const second = flights.runQueued('k', 'card', loading('second', old), PATIENT)
      await microtasks()

      flights.abortAll(new Error('closed'))
      const third = flights.runQueued('k', 'card', async () => 'third', PATIENT)
      await settled(second)
      old.open('old')

      expect(await Promise.all([first, third])).to.deep.equal(['old', 'third'])
      expect(await flights.runQueued('k', 'card', async () => 'fourth', PATIENT)).to.equal('fourth')
    })

    it('leaves the way free for those who come after the end', async () => {
      const old = new Gate<string>()
      const first = flights.runQueued('k', 'card', loading('old', old), PATIENT)
      const second = flights.runQueued('k', 'card', loading('second', old), PATIENT)
      await microtasks()

      flights.abortAll(new Error('closed'))
      await settled(second)
      old.open('old')
      await first

      expect(await flights.runQueued('k', 'card', async () => 'third', PATIENT)).to.equal('third')
    })

    it('aborts when everybody has left', async () => {
      const old = new Gate<string>()
      const reasons: unknown[] = []
      const first = flights.runQueued('k', 'card', loading('old', old), PATIENT)
      const second = flights.runQueued(
        'k',
        'card',
        async (flight) => {
          loads.push('queued')
          if (loads.length > 2) return 'own'
          return reasons.push(await listening(flight))
        },
        HASTY,
      )
      old.open('old')
      await first

      expect(await second).to.equal('own')
      expect(reasons[0]).to.be.instanceOf(DOMException).with.property('name', 'AbortError')
      expect(loads).to.deep.equal(['old', 'queued', 'queued'])
    })

    it('does no harm when a load fails that everybody has left', async () => {
      const old = new Gate<string>()
      const first = flights.runQueued('k', 'card', loading('old', old), PATIENT)
      const second = flights.runQueued(
        'k',
        'card',
        async (flight) => {
          loads.push('queued')
          if (loads.length > 2) return 'own'
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
      const first = flights.run('k', 'card', load, PATIENT)
      const second = flights.run('k', 'card', load, HASTY)
      while (signals.length < 2) await microtasks()

      gate.open('value')
      await Promise.all([first, second])
      flights.abortAll(new Error('closed'))

      expect(signals.map(({ aborted }) => aborted)).to.deep.equal([false, false])
    })

    it('never lets a newcomer join a load that was told to stop', async () => {
      const gate = new Gate<string>()
      const first = flights.run('k', 'card', loading('old', gate), PATIENT)
      await microtasks()
      flights.abortAll(new Error('closed'))

      expect(await flights.run('k', 'card', async () => 'new', PATIENT)).to.equal('new')
      gate.open('old')
      await first
    })
  })
})
