import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'

const ROOT = join(__dirname, '../../..')

// It changes TypeORM's prototypes for the rest of the process, so its suite has one of its own.
describe('beside typeorm-transactional', () => {
  it('passes its suite, in a process of its own', async function () {
    this.timeout(60_000)
    const suite = join(__dirname, 'typeorm-transactional.alone.js')
    const mocha = [require.resolve('mocha/bin/mocha.js'), '--no-config', '--exit']
    const options = ['--require', 'reflect-metadata', '--timeout', '20000', '--forbid-pending']
    // Rejects with what mocha printed when anything fails.
    await promisify(execFile)(process.execPath, [...mocha, ...options, suite], { cwd: ROOT })
  })
})
