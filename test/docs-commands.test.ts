import { expect } from 'chai'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { textOf } from './support/doc-blocks'
import { COMMAND_PAGES, commandsOf } from './support/documented-commands/commands'
import { RUNS } from './support/documented-commands/runs'
import { ROOT } from './support/packed-project'

const { scripts } = createRequire(__filename)(join(ROOT, 'package.json')) as {
  readonly scripts: Readonly<Record<string, string>>
}

describe('the commands in the documentation', () => {
  for (const page of COMMAND_PAGES)
    it(`are run by CI: ${page}`, () => {
      const notRun = commandsOf(page).filter((command) => !RUNS.has(command))

      expect(notRun, 'give them a form in test/support/documented-commands/runs').to.deep.equal([])
    })

  it('are all that CI runs for their sake', () => {
    const written = new Set(COMMAND_PAGES.flatMap(commandsOf))

    expect([...RUNS.keys()].filter((command) => !written.has(command))).to.deep.equal([])
  })

  it('are where they are said to be run', () => {
    const missing = [...RUNS].filter(
      ([, run]) => 'by' in run && !textOf(run.by).includes(run.words),
    )

    expect(missing).to.deep.equal([])
    expect(textOf('.ci/run')).to.contain('npm run --silent check:commands')
  })

  it('are run in a form of the same command', () => {
    const beginnings = [...RUNS].map(([command, run]) => [
      scriptOf(command),
      scriptOf('as' in run ? run.as : run.words.replace('--silent ', '')),
    ])

    const others = beginnings.filter(([written, ran]) => written !== ran)

    expect(others).to.deep.equal([])
  })

  it('name every script of package.json that people run', () => {
    const named = [...RUNS.keys()].map((command) => scriptOf(command).replace('npm run ', ''))
    const others = Object.keys(scripts).filter(
      (name) => !named.includes(name) && !named.includes(`npm ${name}`),
    )

    // npm runs the first one, .ci/run the others.
    expect(others).to.deep.equal(['prepack'])
  })

  it('are found in blocks, in the text and after a prompt', () => {
    expect(commandsOf('README.md')).to.include.members(['npm start', 'npm install ioredis@5'])
    expect(commandsOf('CONTRIBUTING.md')).to.include.members(['npm run lint', '.ci/run'])
    expect(commandsOf('docs/cli.md').join()).to.contain('typeorm-sweeper doctor')
  })
})

/** `npm run bench` of `npm run bench -- 1 3`. */
function scriptOf(command: string): string {
  return command
    .split(' ')
    .slice(0, command.startsWith('npm run') ? 3 : 2)
    .join(' ')
}
