import { expect } from 'chai'
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import {
  CONSUMER_OPTIONS,
  complaintsAbout,
  packedProject,
  ROOT,
  run,
} from './support/packed-project'

const NAME = 'typeorm-sweeper'
const MAX_PACKED_BYTES = 400_000

interface Entry {
  /** What exists at run time; types leave no trace there. */
  readonly exports: readonly string[]
  /** Peers the entry loads. Nothing else of other people may come with it. */
  readonly loads: readonly string[]
}

/** Everything users may import. Adding is a minor version, taking away or renaming is a major one. */
const ENTRIES: Readonly<Record<string, Entry>> = {
  '.': {
    exports: [
      'ClosedError',
      'CreateSweepOutbox',
      'DeclarationError',
      'FactoryLengthError',
      'InvalidDurationError',
      'InvalidOptionError',
      'InvalidSubjectError',
      'MemoryStore',
      'MissingPrimaryKeyError',
      'NamespaceError',
      'NotAttachedError',
      'OutboxError',
      'RecursiveFactoryError',
      'StoreUnavailableError',
      'SweepOutbox',
      'SweepSubscriber',
      'Sweepable',
      'Sweeper',
      'SweeperError',
      'TemplateError',
      'UncacheableValueError',
      'cachedBy',
      'children',
      'isSweeperError',
      'record',
      'sweepable',
      'sweptQueryCache',
    ],
    loads: ['typeorm'],
  },
  './memcached': { exports: ['MemcachedStore'], loads: [] },
  './store-contract': { exports: ['itBehavesLikeAStore'], loads: [] },
  './store-kit': {
    exports: [
      'mark',
      'markOwner',
      'mint',
      'newNonce',
      'parseToken',
      'sweep',
      'unmark',
      'wholeLife',
    ],
    loads: [],
  },
  './redis': { exports: ['ClusterStore', 'RedisStore'], loads: [] },
  './liquid': { exports: ['cachesweeper'], loads: ['typeorm', 'liquidjs'] },
  './http': { exports: ['fresh', 'requestScope', 'surrogateKeys'], loads: ['typeorm'] },
  './telemetry': { exports: ['openTelemetry', 'prometheus'], loads: [] },
  './testing': {
    exports: [
      'AroundStore',
      'ForgettingStore',
      'GatedStore',
      'HangingStore',
      'Hold',
      'SlowStore',
      'ThrowingStore',
      'recordSweeps',
      'sweepAssertions',
      'sweepMatchers',
      'sweeperThatIsOff',
    ],
    loads: ['typeorm'],
  },
  './nest': {
    exports: [
      'Cached',
      'Fresh',
      'InjectSweeper',
      'SweeperInterceptor',
      'SweeperModule',
      'sweeperToken',
    ],
    loads: ['typeorm', '@nestjs/common', '@nestjs/core'],
  },
  './nunjucks': { exports: ['cachesweeper'], loads: ['typeorm'] },
}

const specifierOf = (entry: string): string => join(NAME, entry)

describe('the package as it is published', () => {
  let tarball: string
  let project: string

  before(async function () {
    this.timeout(120_000)
    const packed = await packedProject()
    tarball = packed.tarball
    project = packed.folder
  })

  it('has code, declarations and three texts in it, and nothing else', async () => {
    const { stdout } = await run('tar', ['-tzf', tarball])
    const wanted =
      /^package\/(package\.json|(README|CHANGELOG)\.md|LICENSE|dist\/.+\.(js|mjs|d\.ts|d\.mts))$/

    const surplus = stdout.split('\n').filter((file) => file !== '' && !wanted.test(file))

    expect(surplus).to.deep.equal([])
  })

  it('is small', async () => {
    const { size } = await stat(tarball)

    expect(size).to.be.lessThan(MAX_PACKED_BYTES)
  })

  it('has the known entries', () => {
    const { exports } = createRequire(__filename)(join(ROOT, 'package.json')) as {
      exports: Record<string, unknown>
    }

    expect(Object.keys(exports)).to.have.members([...Object.keys(ENTRIES), './package.json'])
  })

  for (const [entry, { exports, loads }] of Object.entries(ENTRIES)) {
    describe(specifierOf(entry), () => {
      it('exports exactly the names that are promised', async () => {
        const names = await evaluate(`Object.keys(require('${specifierOf(entry)}')).sort()`)

        expect(names).to.deep.equal(exports.toSorted())
      })

      it('gives the same objects to import and to require', async () => {
        const program = `
          import { createRequire } from 'node:module'
          import * as imported from '${specifierOf(entry)}'
          const required = createRequire(import.meta.url)('${specifierOf(entry)}')
          const differing = Object.keys({ ...imported, ...required })
            .filter((name) => imported[name] !== required[name] || !(name in imported))
          console.log(JSON.stringify(differing))`

        expect(await runInProject(program, ['--input-type=module'])).to.deep.equal([])
      })

      it(`loads ${loads.length === 0 ? 'nothing' : loads.join(', ')} beside itself`, async () => {
        const modules = loads.map((peer) => `require('${peer}')`).join(';')
        const expected = await evaluate(`(() => {${modules}; return ${LOADED_PACKAGES}})()`)
        const loaded = await evaluate(
          `(() => {require('${specifierOf(entry)}'); return ${LOADED_PACKAGES}})()`,
        )

        expect(loaded).to.have.members([...(expected as string[]), NAME])
      })
    })
  }

  it('has types for import and for require', async () => {
    for (const extension of ['mts', 'cts'])
      await writeFile(join(project, `consumer.${extension}`), consumerOfEverything())
    const config = { include: ['consumer.*'], compilerOptions: CONSUMER_OPTIONS }
    await writeFile(join(project, 'tsconfig.json'), JSON.stringify(config))

    const complaints = await complaintsAbout(project)

    expect(complaints).to.equal('')
  })

  for (const extension of ['cts', 'mts']) {
    it(`runs the README's first example as .${extension}, and it prints what it says`, async () => {
      const readme = await readFile(join(ROOT, 'README.md'), 'utf8')
      const example = /```ts\n([\s\S]*?)```/.exec(readme)?.[1] ?? ''
      const folder = join(project, `readme-${extension}`)
      await mkdir(folder)
      await writeFile(join(folder, `example.${extension}`), example)
      const compilerOptions = { ...CONSUMER_OPTIONS, noEmit: false, emitDecoratorMetadata: true }
      await writeFile(
        join(folder, 'tsconfig.json'),
        JSON.stringify({ include: ['example.*'], compilerOptions }),
      )

      expect(await complaintsAbout(folder)).to.equal('')
      const program = join(folder, `example.${extension.replace('ts', 'js')}`)
      const { stdout } = await run(process.execPath, [program])

      expect(stdout.split('\n')).to.deep.equal([
        'rendering',
        'Tokens: 0 comments',
        'Tokens: 0 comments',
        'rendering',
        'Tokens: 1 comments',
        '',
      ])
    })
  }

  /** The value of a CommonJS expression in a process of its own. */
  function evaluate(expression: string): Promise<unknown> {
    return runInProject(`console.log(JSON.stringify(${expression}))`, ['--input-type=commonjs'])
  }

  async function runInProject(program: string, args: readonly string[]): Promise<unknown> {
    const { stdout } = await run(process.execPath, [...args, '-e', program], { cwd: project })
    return JSON.parse(stdout)
  }
})

/** Names of the packages that the modules loaded so far belong to, without duplicates. */
const LOADED_PACKAGES = `[...new Set(Object.keys(require.cache).map((file) =>
  file.replace(/^.*[/\\\\]node_modules[/\\\\]((@[^/\\\\]+[/\\\\])?[^/\\\\]+).*$/, '$1')))]`

function consumerOfEverything(): string {
  const lines = Object.entries(ENTRIES).flatMap(([entry, { exports }], index) => {
    const renamed = exports.map((name) => `${name} as ${name}_${index}`)
    const used = exports.map((name) => `${name}_${index}`)
    return [
      `import { ${renamed.join(', ')} } from '${specifierOf(entry)}'`,
      `console.log(${used.join(', ')})`,
    ]
  })
  return lines.join('\n')
}
