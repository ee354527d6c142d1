import { expect } from 'chai'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  CONSUMER_OPTIONS,
  complaintsAbout,
  packedProject,
  ROOT,
  run,
} from './support/packed-project'

interface Example {
  readonly extension: string
  readonly source: string
  readonly output: string
}

/** A program and, directly below it, what it prints. */
const EXAMPLE = /```(tsx?)\n((?:(?!```)[\s\S])*)```\s*```text\n([\s\S]*?)```/g

describe('the examples in docs/', function () {
  this.timeout(120_000)
  let pages: Map<string, readonly Example[]>
  let project: string

  before(async () => {
    project = join((await packedProject()).folder, 'docs')
    pages = new Map()
    for (const page of await readdir(join(ROOT, 'docs'))) if (page.endsWith('.md')) await add(page)
    const compilerOptions = {
      ...CONSUMER_OPTIONS,
      noEmit: false,
      emitDecoratorMetadata: true,
      strictPropertyInitialization: false,
      jsx: 'react-jsx',
      jsxImportSource: 'preact',
    }
    await writeFile(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions }))
  })

  async function add(page: string): Promise<void> {
    const text = await readFile(join(ROOT, 'docs', page), 'utf8')
    const examples = [...text.matchAll(EXAMPLE)].map(
      ([, extension = '', source = '', output = '']) => ({
        extension,
        source,
        output,
      }),
    )
    if (examples.length === 0) return
    const folder = join(project, page)
    await mkdir(folder, { recursive: true })
    for (const [index, { extension, source }] of examples.entries())
      await writeFile(join(folder, `example-${index}.${extension}`), source)
    pages.set(page, examples)
  }

  it('compile in a strict project', async () => {
    expect(await complaintsAbout(project)).to.equal('')
  })

  it('print what stands under them', async () => {
    for (const [page, examples] of pages)
      for (const [index, { output }] of examples.entries()) {
        const program = join(project, page, `example-${index}.js`)
        const { stdout, stderr } = await run(process.execPath, [program], { timeout: 30_000 })

        expect({ page, index, stdout, stderr }).to.deep.equal({
          page,
          index,
          stdout: output,
          stderr: '',
        })
      }
    expect([...pages.keys()]).to.include('templates.md')
  })
})
