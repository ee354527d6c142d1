import { spawn } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { Edit } from './mutation'

const ROOT = join(__dirname, '../../..')
const FOLDERS = ['src', 'test'] as const
const TEST_MS = 15_000
const FILES = [
  'out/test/faults/hazards/*.test.js',
  'out/test/faults/object-races.test.js',
  'out/test/faults/replica-lag.test.js',
  'out/test/integration/query-cache.test.js',
  'out/test/near/near-cluster.test.js',
  'out/test/integration/tenants.test.js',
  'out/test/integration/write-through.test.js',
  'out/test/outbox/*.test.js',
  'out/test/store/cluster-push.test.js',
  'out/test/store/redis-connection.test.js',
  'out/test/version/*.test.js',
]

interface Report {
  readonly tests: readonly { readonly fullTitle: string }[]
  readonly passes: readonly { readonly fullTitle: string }[]
  readonly failures: readonly { readonly fullTitle: string }[]
}

/** A copy of the sources in which a rule can be switched off. */
export class Mutants {
  readonly #folder = mkdtempSync(join(tmpdir(), 'sweeper-rules-'))

  constructor() {
    for (const name of FOLDERS)
      cpSync(join(ROOT, name), join(this.#folder, name), { recursive: true })
    for (const name of ['package.json', 'tsconfig.json'])
      cpSync(join(ROOT, name), join(this.#folder, name))
    symlinkSync(join(ROOT, 'node_modules'), join(this.#folder, 'node_modules'))
    const config = {
      extends: './tsconfig.json',
      compilerOptions: {
        noCheck: true,
        outDir: 'out',
        tsBuildInfoFile: 'out/info',
        sourceMap: false,
      },
      include: FOLDERS,
    }
    writeFileSync(join(this.#folder, 'tsconfig.rules.json'), JSON.stringify(config))
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true })
  }

  /** Runs tests as they are, or with edits that are taken back afterwards. */
  async run(tests: readonly string[], edits: readonly Edit[] = []): Promise<Report> {
    const originals = new Map(edits.map(({ file }) => [file, this.#read(file)]))
    try {
      for (const edit of edits) this.#apply(edit)
      await this.#compile()
      return await this.#test(tests)
    } finally {
      for (const [file, text] of originals) writeFileSync(join(this.#folder, file), text)
    }
  }

  /** Compiles it with edits that stay. @returns where to */
  async build(edits: readonly Edit[]): Promise<string> {
    for (const edit of edits) this.#apply(edit)
    await this.#compile()
    return join(this.#folder, 'out')
  }

  #read(file: string): string {
    return readFileSync(join(this.#folder, file), 'utf8')
  }

  #apply({ file, find, replace }: Edit): void {
    const parts = this.#read(file).split(find)
    if (parts.length !== 2)
      throw new Error(`${file}: the text to mutate is there ${parts.length - 1} times: ${find}`)
    writeFileSync(join(this.#folder, file), parts.join(replace))
  }

  async #compile(): Promise<void> {
    const manifest = createRequire(__filename).resolve('typescript/package.json')
    const { bin } = JSON.parse(readFileSync(manifest, 'utf8')) as { bin: { tsc: string } }
    const args = [join(dirname(manifest), bin.tsc), '-p', 'tsconfig.rules.json']
    const { code, output } = await this.#node(args)
    if (code !== 0) throw new Error(`the mutant does not compile\n${output}`)
  }

  async #test(tests: readonly string[]): Promise<Report> {
    const report = join(this.#folder, 'report.json')
    rmSync(report, { force: true })
    const names = tests.map((test) => test.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
    const { output } = await this.#node([
      join(ROOT, 'node_modules/mocha/bin/mocha.js'),
      ...['--no-config', '--exit', '-r', 'reflect-metadata', '--timeout', String(TEST_MS)],
      ...['--reporter', 'json', '--reporter-option', `output=${report}`],
      ...['-g', `(?:${names.join('|')})$`, ...FILES],
    ])
    try {
      return JSON.parse(readFileSync(report, 'utf8')) as Report
    } catch (error) {
      throw new Error(`the tests have not run\n${output}`, { cause: error })
    }
  }

  #node(args: readonly string[]): Promise<{ code: number | null; output: string }> {
    return new Promise((resolve, reject) => {
      const child = spawn(process.execPath, args, { cwd: this.#folder })
      let output = ''
      for (const stream of [child.stdout, child.stderr])
        stream.on('data', (data) => {
          output += String(data)
        })
      child.on('error', reject)
      child.on('close', (code) => resolve({ code, output }))
    })
  }
}
