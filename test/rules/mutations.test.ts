import { expect } from 'chai'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { BUGS } from '../support/stale-checker/bugs'
import { FAULTS } from '../support/stale-checker/faults/all'
import { READINGS } from '../support/stale-checker/readings/all'
import { WRITES } from '../support/stale-checker/writes/all'
import type { Edit } from './mutation'
import { MUTATIONS } from './mutations'

const ROOT = join(__dirname, '../../..')

function expectToBeThereOnce(edits: readonly Edit[]): void {
  for (const { file, find } of edits) {
    const times = readFileSync(join(ROOT, file), 'utf8').split(find).length - 1

    expect(times, `how often ${file} has ${find}`).to.equal(1)
  }
}

describe('the mutations of check:rules', () => {
  for (const { rule, does, test, edits } of MUTATIONS)
    it(`find their text: ${rule} ${does} (${test})`, () => expectToBeThereOnce(edits))
})

describe('the seeded bugs of check:stale', () => {
  for (const { name, edits } of BUGS)
    it(`find their text: ${name}`, () => expectToBeThereOnce(edits))

  for (const { name, shownBy } of BUGS.filter((bug) => bug.shownBy !== undefined))
    it(`name faults that there are: ${name}`, () => {
      expect(FAULTS.redis.filter((fault) => shownBy?.test(fault.name))).not.to.have.length(0)
    })

  for (const { name, readings, writes } of BUGS.filter(({ steps }) => steps === undefined))
    it(`name readings and writes that there are: ${name}`, () => {
      expect(READINGS.filter((one) => readings?.test(one.name) ?? true)).not.to.have.length(0)
      expect(WRITES.filter((one) => writes?.test(one.name) ?? true)).not.to.have.length(0)
    })
})
