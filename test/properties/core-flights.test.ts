import { expect } from 'chai'
import fc from 'fast-check'
import { RecursiveFactoryError } from '../../src/core/errors'
import { SingleFlight } from '../../src/core/single-flight'

/** How one value is made: what its factory asks for, one after the other or at once, and how long it takes. */
interface Recipe {
  readonly needs: readonly number[]
  readonly atOnce: boolean
  readonly queued: boolean
  readonly turns: number
}

const KEYS = 5
const PATIENT = { timeoutMs: Number.POSITIVE_INFINITY }

const recipes = (upTo: (key: number) => number): fc.Arbitrary<readonly Recipe[]> =>
  fc.tuple(
    ...Array.from({ length: KEYS }, (_, key) =>
      fc.record({
        needs:
          upTo(key) === 0 ? fc.constant([]) : fc.array(fc.nat(upTo(key) - 1), { maxLength: 3 }),
        atOnce: fc.boolean(),
        queued: fc.boolean(),
        turns: fc.nat(3),
      }),
    ),
  )
const roots = fc.array(fc.record({ key: fc.nat(KEYS - 1), after: fc.nat(4) }), {
  minLength: 1,
  maxLength: 8,
})

async function pass(turns: number): Promise<void> {
  for (let left = turns; left > 0; left -= 1) await new Promise((resolve) => setImmediate(resolve))
}

/** Asks for a value as its recipe says. */
async function ask(flights: SingleFlight, book: readonly Recipe[], key: number): Promise<string> {
  const recipe = book[key]
  if (recipe === undefined) throw new Error(`no recipe for ${key}`)
  const run = recipe.queued ? flights.runQueued.bind(flights) : flights.run.bind(flights)
  return run(
    `key ${key}`,
    `key ${key}`,
    async () => {
      await pass(recipe.turns)
      if (recipe.atOnce) await allOf(recipe.needs.map(async (need) => ask(flights, book, need)))
      else for (const need of recipe.needs) await ask(flights, book, need)
      return `value ${key}`
    },
    PATIENT,
  )
}

/** As `Promise.all`, but leaves nothing running behind: in a circle, that would ask for the next round, and so on. */
async function allOf(parts: readonly Promise<unknown>[]): Promise<void> {
  await Promise.allSettled(parts)
  await Promise.all(parts)
}

/** Without a time-out anywhere, whatever is not noticed at once waits for ever; here it waits for 2000 turns. */
async function outcomesOf(
  book: readonly Recipe[],
  asked: readonly { key: number; after: number }[],
): Promise<readonly PromiseSettledResult<string>[] | 'deadlock'> {
  const flights = new SingleFlight()
  let outcomes: readonly PromiseSettledResult<string>[] | 'deadlock' = 'deadlock'
  const all = Promise.allSettled(
    asked.map(async ({ key, after }) => {
      await pass(after)
      return ask(flights, book, key)
    }),
  ).then((ended) => {
    outcomes = ended
  })
  for (let left = 2_000; left > 0 && outcomes === 'deadlock'; left -= 1) await pass(1)
  if (outcomes !== 'deadlock') await all
  expect(flights.size).to.equal(0)
  return outcomes
}

describe('loads that need each other', () => {
  it('all end, in whatever circles they stand', async () => {
    await fc.assert(
      fc.asyncProperty(
        recipes(() => KEYS),
        roots,
        async (book, asked) => {
          const outcomes = await outcomesOf(book, asked)

          expect(outcomes).not.to.equal('deadlock')
          for (const outcome of outcomes) {
            if (typeof outcome === 'string' || outcome.status === 'fulfilled') continue
            expect(outcome.reason).to.be.instanceOf(RecursiveFactoryError)
          }
        },
      ),
      { numRuns: 300 },
    )
  })

  it('all get their values where there is no circle', async () => {
    await fc.assert(
      fc.asyncProperty(
        recipes((key) => key),
        roots,
        async (book, asked) => {
          const outcomes = await outcomesOf(book, asked)

          expect(outcomes).to.deep.equal(
            asked.map(({ key }) => ({ status: 'fulfilled', value: `value ${key}` })),
          )
        },
      ),
      { numRuns: 300 },
    )
  })
})
