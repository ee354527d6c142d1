import { expect } from 'chai'
import * as fc from 'fast-check'
import { BUGS } from '../support/protocol-model/bugs'
import { protocolProperty } from '../support/protocol-model/protocol-property'

/** By command more of them: `npm run check:model -- --runs 20000`. */
const RUNS = 2_000

/** With it every seeded bug is found soon; with others some take longer. */
const SEED = 3

describe('the protocol', function () {
  this.timeout(120_000)

  it('leaves nothing stale, whatever the order of reads, writes, deaths, losses and repetitions', async () => {
    await fc.assert(protocolProperty(), { numRuns: RUNS })
  })

  for (const bug of BUGS) {
    it(`would not with ${bug.name}`, async () => {
      const property = protocolProperty(bug)
      const found = await fc.check(property, { numRuns: RUNS, seed: SEED, endOnFailure: true })

      expect(found.failed).to.equal(true)
    })
  }
})
