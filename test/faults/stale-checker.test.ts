import { join } from 'node:path'
import { expect } from 'chai'
import { describeWith } from '../support/services'
import { FAULTS } from '../support/stale-checker/faults/all'
import { describeRun, hasRecovered, type RunReport } from '../support/stale-checker/report'
import { BOUND_MS, runChecker } from '../support/stale-checker/run'

/** A minute in CI, a few seconds elsewhere; `npm run check:stale -- --seconds 600` for as long as one likes. */
const SECONDS = process.env['CI'] === 'true' ? 20 : 6

const SETTINGS = [
  { policy: 'throw', outbox: false },
  { policy: 'degrade', outbox: false },
  { policy: 'throw', outbox: true },
] as const

for (const { policy, outbox } of SETTINGS)
  describeWith(
    ['postgres', 'redisServer'],
    `random faults, onStoreError: ${policy}, outbox: ${outbox}`,
    () => {
      it('make nothing stale beyond what is promised, and everything recovers', async function () {
        this.timeout(SECONDS * 1_000 + 120_000)
        const seed = Date.now()
        const report: RunReport = await runChecker({
          store: 'redis',
          seconds: SECONDS,
          policy,
          outbox,
          faults: FAULTS.redis,
          readings: '',
          writes: '',
          seed,
          build: join(__dirname, '../..'),
          untilFound: false,
          boundMs: BOUND_MS,
        })
        const said = `seed ${seed}\n${describeRun(report)}`

        expect(report.judge.violations, said).to.have.length(0)
        expect(report.judge.checked, said).to.be.greaterThan(SECONDS * 50)
        expect(report.looked.filter(hasRecovered), said).to.have.length(4)
      })
    },
  )
