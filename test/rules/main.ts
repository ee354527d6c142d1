import { parseArgs } from 'node:util'
import { Mutants } from './mutants'
import type { Mutation } from './mutation'
import { MUTATIONS } from './mutations'

/**
 * Switches off one rule of docs/consistency.md at a time and runs the test that is there for it: a test that still
 * passes proves nothing. `npm run check:rules -- --rule H11 --parallel 2`;
 * `--test` for those whose test's name contains it.
 */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      rule: { type: 'string' },
      test: { type: 'string', default: '' },
      parallel: { type: 'string', default: '2' },
    },
  })
  const mutations = MUTATIONS.filter(
    ({ rule, test }) =>
      (values.rule === undefined || rule === values.rule) && test.includes(values.test),
  )
  const workers = Array.from({ length: Number(values.parallel) }, () => new Mutants())
  try {
    await checkUnchanged(workers[0], mutations)
    console.log('| rule | mutation | test that died |\n|---|---|---|')
    const open = [...mutations]
    await Promise.all(workers.map((mutants) => work(mutants, open)))
  } finally {
    for (const mutants of workers) mutants.remove()
  }
}

/** Every test is there, and passes while all rules are on. */
async function checkUnchanged(
  mutants: Mutants | undefined,
  mutations: readonly Mutation[],
): Promise<void> {
  const tests = [...new Set(mutations.map(({ test }) => test))]
  const report = await mutants?.run(tests)
  const passed = report?.passes ?? []
  const missing = tests.filter((test) => !passed.some(({ fullTitle }) => fullTitle.endsWith(test)))
  if (missing.length > 0)
    throw new Error(`not there, or failing without any mutation:\n${missing.join('\n')}`)
}

async function work(mutants: Mutants, open: Mutation[]): Promise<void> {
  for (let next = open.shift(); next !== undefined; next = open.shift()) {
    const { rule, does, test, edits } = next
    let verdict = ''
    try {
      const { failures } = await mutants.run([test], edits)
      // By its own name: a hook that fails says nothing about the rule.
      const died = failures.some(({ fullTitle }) => fullTitle.endsWith(test))
      verdict = died && !failures.some(({ fullTitle }) => fullTitle.includes('" hook')) ? test : ''
      if (verdict === '') verdict = `SURVIVED ${test}`
    } catch (error) {
      verdict = `NOT TESTED ${error instanceof Error ? error.message : String(error)}`
    }
    if (verdict !== test) process.exitCode = 1
    console.log(`| ${rule} | ${does} | ${verdict} |`)
  }
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
})
