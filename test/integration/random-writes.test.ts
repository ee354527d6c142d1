import { expect } from 'chai'
import type { DataSourceOptions } from 'typeorm'
import { runRandomWrites } from '../support/random-writes/random-writes'
import { describeOnSqlite, describeWith } from '../support/services'

/** By command more and other ones: `npm run check:writes -- --units 2000 --seeds 1,2,3 --database all`. */
const UNITS = 100
const SEED = 7

describeWith(['postgres'], 'random units of work on PostgreSQL', ({ postgres }) => {
  itMissesNothing(() => postgres.options)
})

describeWith(['mariadb'], 'random units of work on MariaDB', ({ mariadb }) => {
  itMissesNothing(() => mariadb.options)
})

describeOnSqlite('random units of work', (options) => {
  itMissesNothing(options)
})

function itMissesNothing(database: () => DataSourceOptions): void {
  it('move every version that has to move, and none for what was rolled back', async function () {
    this.timeout(120_000)

    const tally = await runRandomWrites(database(), { seed: SEED, units: UNITS })

    expect(tally.failures).to.deep.equal([])
    expect(Math.min(tally.hits.objects, tally.hits.queries)).to.be.greaterThan(UNITS)
    expect(tally.oversweepingRate, tally.oversweeps.join('\n')).to.be.below(0.1)
  })
}
