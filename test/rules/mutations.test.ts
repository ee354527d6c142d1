import { expect } from 'chai'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { MUTATIONS_OF_READING } from './mutations-of-reading'
import { MUTATIONS_OF_WRITING } from './mutations-of-writing'

const ROOT = join(__dirname, '../../..')

describe('the mutations of check:rules', () => {
  for (const { rule, does, test, edits } of [...MUTATIONS_OF_READING, ...MUTATIONS_OF_WRITING])
    it(`find their text: ${rule} ${does} (${test})`, () => {
      for (const { file, find } of edits) {
        const times = readFileSync(join(ROOT, file), 'utf8').split(find).length - 1

        expect(times, `how often ${file} has ${find}`).to.equal(1)
      }
    })
})
