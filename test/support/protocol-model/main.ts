import { parseArgs } from 'node:util'
import * as fc from 'fast-check'
import { BUGS } from './bugs'
import { protocolProperty } from './protocol-property'

/** `npm run check:model -- --runs 20000 --seed 7`; with `--bugs` how soon each seeded bug is found. */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      runs: { type: 'string', default: '20000' },
      seed: { type: 'string' },
      bugs: { type: 'boolean', default: false },
    },
  })
  const numRuns = Number(values.runs)
  const seed = values.seed === undefined ? Date.now() : Number(values.seed)
  if (values.bugs)
    for (const bug of BUGS) {
      const found = await fc.check(protocolProperty(bug), { numRuns, seed, endOnFailure: true })
      console.log(`${found.failed ? `found after ${found.numRuns}` : 'NOT FOUND'}: ${bug.name}`)
      if (!found.failed) process.exitCode = 1
    }
  const startedMs = performance.now()
  await fc.assert(protocolProperty(), { numRuns, seed })
  const seconds = (performance.now() - startedMs) / 1_000
  console.log(`${numRuns} schedules, seed ${seed}, ${seconds.toFixed(1)} s: nothing stale`)
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
})
