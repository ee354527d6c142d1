import { expect } from 'chai'
import { Liquid } from 'liquidjs'
import { cp, mkdir, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { Environment, precompileString } from 'nunjucks'
import { DataSource } from 'typeorm'
import { Sweeper } from '../src/index'
import { cachesweeper as liquidTag } from '../src/liquid'
import { cachesweeper as nunjucksTag } from '../src/nunjucks'
import { blocksOf, docPages, type DocBlock } from './support/doc-blocks'
import {
  CONSUMER_OPTIONS,
  complaintsAbout,
  packedProject,
  ROOT,
  run,
} from './support/packed-project'

/** What is no program, and what becomes of it. Another language has to be given a check, or a place here. */
const NOT_COMPILED = {
  sh: 'test/docs-commands.test.ts',
  liquid: 'parsed below',
  jinja: 'parsed below',
  mermaid: 'pictures',
  text: 'what a program prints, and what it is told',
  diff: 'test/realworld applies it',
  sql: 'test/outbox/delivery.test.ts',
}

const BLOCKS = docPages().flatMap(blocksOf)
const written = (language: string): readonly DocBlock[] =>
  BLOCKS.filter((block) => block.language === language)
const CODE = [...written('ts'), ...written('tsx')]
const PROGRAMS = CODE.filter(({ output }) => output !== undefined)
const FRAGMENTS = CODE.filter(({ output }) => output === undefined)

const fileOf = ({ page, line, language }: DocBlock): string =>
  `${basename(page)}-${line}.${language}`

const COMPILER_OPTIONS = {
  ...CONSUMER_OPTIONS,
  // Without the browser, which has a `Comment` of its own.
  lib: ['es2023'],
  noEmit: false,
  emitDecoratorMetadata: true,
  moduleDetection: 'force',
  jsx: 'react-jsx',
  jsxImportSource: 'preact',
}

describe('the examples in README.md and docs/', function () {
  this.timeout(120_000)
  let programs: string
  let fragments: string

  before(async () => {
    const { folder } = await packedProject()
    programs = await projectOf(join(folder, 'programs'), 'commonjs', PROGRAMS)
    fragments = await projectOf(join(folder, 'fragments'), 'module', FRAGMENTS)
    await cp(join(ROOT, 'docs/context.ts'), join(fragments, 'context.ts'))
    // Not installed; as much of it as docs/testing.md adds to.
    const vitest = "declare module 'vitest' { interface Matchers<T> { readonly of?: T } }"
    await writeFile(join(fragments, 'vitest.d.ts'), vitest)
  })

  /** Each block is a file, its lines where they are in the page: so the compiler says where to look. */
  async function projectOf(
    folder: string,
    type: 'commonjs' | 'module',
    blocks: readonly DocBlock[],
  ): Promise<string> {
    await mkdir(folder)
    await writeFile(join(folder, 'package.json'), JSON.stringify({ private: true, type }))
    const config = { compilerOptions: COMPILER_OPTIONS }
    await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(config))
    for (const block of blocks)
      await writeFile(join(folder, fileOf(block)), '\n'.repeat(block.line - 1) + block.source)
    return folder
  }

  it('are in a language that something checks', () => {
    const known = ['ts', 'tsx', ...Object.keys(NOT_COMPILED)]

    const unknown = BLOCKS.filter(({ language }) => !known.includes(language))

    expect(unknown.map(({ page, line }) => `${page}:${line}`)).to.deep.equal([])
  })

  it('compile in a strict project: programs as they are', async () => {
    expect(await complaintsAbout(programs)).to.equal('')
  })

  it('compile in a strict project: fragments, below docs/context.ts', async () => {
    expect(await complaintsAbout(fragments)).to.equal('')
  })

  for (const block of PROGRAMS)
    it(`print what stands under them: ${block.page}, line ${block.line}`, async () => {
      const program = join(programs, fileOf(block).replace(/tsx?$/, 'js'))

      const { stdout, stderr } = await run(process.execPath, [program], { timeout: 30_000 })

      expect({ stdout, stderr }).to.deep.equal({ stdout: block.output, stderr: '' })
    })

  it('are templates that their engines understand', () => {
    const sweeper = new Sweeper(new DataSource({ type: 'sqljs' }))
    const liquid = new Liquid()
    liquid.plugin(liquidTag(sweeper))
    const nunjucks = new Environment().addExtension('cachesweeper', nunjucksTag(sweeper))

    for (const { source } of written('liquid')) liquid.parse(source)
    for (const { source } of written('jinja'))
      precompileString(source, { name: 'page', env: nunjucks })

    expect(written('liquid')).not.to.have.lengthOf(0)
    expect(written('jinja')).not.to.have.lengthOf(0)
  })
})
