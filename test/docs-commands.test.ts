import { expect } from 'chai'
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { USAGE } from '../src/cli/usage'
import { blocksOf, docPages, textOf } from './support/doc-blocks'
import { ROOT } from './support/packed-project'

interface Manifest {
  readonly scripts: Readonly<Record<string, string>>
  readonly peerDependencies: Readonly<Record<string, string>>
}

const { scripts, peerDependencies } = createRequire(__filename)(
  join(ROOT, 'package.json'),
) as Manifest

const PAGES = [...docPages(), 'CONTRIBUTING.md', 'SECURITY.md']

/** What a command begins with, and whether the rest of it is something that there is. */
const KNOWN: readonly (readonly [RegExp, (rest: string) => boolean])[] = [
  [/^npm (?:ci|audit signatures)$/, () => true],
  [/^npm (test|start)(?= |$)/, (script) => script in scripts],
  [/^npm run (\S+)/, (script) => script in scripts],
  [/^npm install (\S+)$/, (name) => isInstallable(name.replace(/(.)@.*$/, '$1'))],
  [/^npx typeorm-sweeper (.+)$/, isCommandLine],
  [/^npx mocha (\S+)$/, isThere],
  [/^node (\S+)$/, isThere],
  [/^(\.ci\/\S+)$/, isThere],
  [/^apt-get install chromium$/, () => textOf('.ci/run').includes('apt-get install')],
]

function isInstallable(name: string): boolean {
  return name === 'typeorm-sweeper' || name in peerDependencies
}

/** A file of the repository, or one that is compiled from it. */
function isThere(file: string): boolean {
  return existsSync(join(ROOT, file.replace(/^\.build\/(.*)\.js$/, '$1.ts')))
}

function isCommandLine(line: string): boolean {
  const words = line.split(/[ |]+/).filter((word) => word !== '')
  const names = words.filter((word) => /^[a-z]+$|^--?[a-z-]+$/i.test(word))
  return names.every((name) => name === 'command' || USAGE.includes(` ${name} `))
}

function isKnown(command: string): boolean {
  return KNOWN.some(([form, holds]) => {
    const found = form.exec(command)
    return found !== null && holds(found[1] ?? '')
  })
}

/** In blocks every line has to be a command; in the text, whatever begins like one. */
function commandsOf(page: string): readonly string[] {
  const lines = blocksOf(page)
    .filter(({ language }) => language === 'sh')
    .flatMap(({ source }) => source.trim().split('\n'))
    .map((line) => line.replace(/\s+#.*$/, ''))
  const inline = [...textOf(page).matchAll(/`((?:(?:npm|npx|node|apt-get) |\.ci\/)[^`\n]*)`/g)]
  return [...lines, ...inline.map(([, command = '']) => command)]
    .flatMap((line) => line.split(' && '))
    .filter((command) => !command.includes('…'))
    .map((command) => command.trim())
}

describe('the commands in the documentation', () => {
  for (const page of PAGES)
    it(`are there: ${page}`, () => {
      expect(commandsOf(page).filter((command) => !isKnown(command))).to.deep.equal([])
    })

  it('are found where they are written', () => {
    expect(commandsOf('README.md')).to.include.members(['npm start', 'npm install ioredis@5'])
    expect(commandsOf('CONTRIBUTING.md')).to.include.members(['npm run lint', '.ci/run'])
    expect(isKnown('npm run nothing')).to.equal(false)
    expect(isKnown('npx typeorm-sweeper nothing -d ormconfig.ts')).to.equal(false)
  })
})
