import { expect } from 'chai'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { builtinModules } from 'node:module'
import { dirname, join } from 'node:path'

const ROOT = join(__dirname, '../..')
const SRC = join(ROOT, 'src')

/** What each folder may import beside itself. Type-only imports count. */
const LAYERS: Readonly<Record<string, readonly string[]>> = {
  core: [],
  store: ['core'],
  'store-contract': ['core', 'store'],
  version: ['core', 'store'],
  near: ['core', 'store', 'version'],
  cache: ['core', 'store', 'version', 'near'],
  model: ['core'],
  objects: ['core', 'store', 'version', 'cache', 'model'],
  'query-cache': ['core', 'store', 'version', 'cache', 'model'],
  sweep: ['core', 'store', 'version', 'model'],
  outbox: ['core', 'store', 'version', 'model', 'sweep'],
}

/** `index.ts`, `sweeper.ts` and what stands in `sweeper/` put the layers together. */
const WIRING = /^(index|sweeper)\.ts$|^sweeper\//

/** Entries that offer one store each, or what those who write one need. */
const STORE_ENTRIES = ['redis.ts', 'memcached.ts', 'store-contract.ts', 'store-kit.ts']

/** What several adapters need, and those that may use it. */
const SHARED_BY: Readonly<Record<string, readonly string[]>> = {
  template: ['liquid', 'nunjucks'],
  http: ['http', 'nest'],
}

interface Import {
  readonly from: string
  readonly specifier: string
  readonly typeOnly: boolean
}

// `import x from 'y'`, `import type {} from 'y'`, `export {} from 'y'`, `import 'y'`, `import('y')`, `require('y')`.
const IMPORT =
  /^(?:import|export)\s+(type\s+)?(?:([\w*\s{},$]+?)\s+from\s+)?'([^']+)'|\b(?:import|require)\('([^']+)'\)/gm

function importsOf(file: string): readonly Import[] {
  const text = readFileSync(join(SRC, file), 'utf8')
  return [...text.matchAll(IMPORT)].map(([, type, names, statement, call]) => ({
    from: file,
    specifier: statement ?? call ?? '',
    typeOnly: type !== undefined || hasOnlyTypes(names),
  }))
}

/** `{ type A, type B }`: gone after compiling. */
function hasOnlyTypes(names: string | undefined): boolean {
  const listed = names
    ?.match(/^\{([^}]*)\}$/)?.[1]
    ?.split(',')
    .map((name) => name.trim())
  return listed?.every((name) => name === '' || name.startsWith('type ')) ?? false
}

/** The file under src that a relative import leads to. */
function targetOf({ from, specifier }: Import): string {
  const stem = join(dirname(from), specifier)
  return existsSync(join(SRC, `${stem}.ts`)) ? `${stem}.ts` : join(stem, 'index.ts')
}

const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter((file) =>
  file.endsWith('.ts'),
)
const imports = files.flatMap(importsOf)
const relatives = imports.filter(({ specifier }) => specifier.startsWith('.'))
const packages = imports.filter(({ specifier }) => !specifier.startsWith('.'))

const folderOf = (file: string): string => (file.includes('/') ? (file.split('/')[0] ?? '') : '')
const shown = ({ from, specifier }: Import): string => `${from} -> ${specifier}`

function mayImport(from: string, to: string): boolean {
  if (WIRING.test(from)) return true
  const folder = folderOf(from)
  const allowed = LAYERS[folder]
  if (allowed !== undefined) return [folder, ...allowed].includes(folderOf(to))
  if (STORE_ENTRIES.includes(from))
    return ['store', 'core'].includes(folderOf(to)) || isEntryOf(from, to)
  // Adapters stand on the public surface, like code of other people.
  if (SHARED_BY[folderOf(to)]?.includes(folder || from.replace(/\.ts$/, '')) === true) return true
  return to === 'index.ts' || (folder !== '' && folderOf(to) === folder) || isPartOf(to, from)
}

/** `liquid.ts` is the entry of the files in `liquid/`. */
function isPartOf(file: string, entry: string): boolean {
  return isEntryOf(entry, file) && !(folderOf(file) in LAYERS)
}

function isEntryOf(entry: string, file: string): boolean {
  return folderOf(file) !== '' && `${folderOf(file)}.ts` === entry
}

/** Ways from a file back to itself over imports that exist at run time. */
function cycles(): readonly string[] {
  const atRunTime = relatives.filter(({ typeOnly }) => !typeOnly)
  const done = new Set<string>()
  const found: string[] = []
  const visit = (file: string, path: readonly string[]): void => {
    if (path.includes(file)) found.push([...path.slice(path.indexOf(file)), file].join(' -> '))
    if (done.has(file) || path.includes(file)) return
    for (const edge of atRunTime) if (edge.from === file) visit(targetOf(edge), [...path, file])
    done.add(file)
  }
  for (const file of files) visit(file, [])
  return found
}

describe('the architecture', () => {
  it('has imports to look at', () => {
    expect(relatives.length).to.be.greaterThan(files.length / 2)
  })

  it('lets a folder import only itself and folders to its left', () => {
    const wrong = relatives.filter((edge) => !mayImport(edge.from, targetOf(edge)))

    expect(wrong.map(shown)).to.deep.equal([])
  })

  it('has no import cycles', () => {
    expect(cycles()).to.deep.equal([])
  })

  it('has no other folders than its layers and those of adapters', () => {
    const folders = new Set(files.map(folderOf).filter((folder) => folder !== ''))
    const unknown = [...folders].filter(
      (folder) => !(folder in LAYERS) && !(folder in SHARED_BY) && !files.includes(`${folder}.ts`),
    )

    expect(unknown).to.deep.equal([])
  })

  it('imports only Node and declared peers, and those by their public names', () => {
    const { peerDependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
      peerDependencies: Record<string, string>
    }
    const allowed = (specifier: string): boolean =>
      specifier.startsWith('node:')
        ? builtinModules.includes(specifier.slice('node:'.length))
        : specifier in peerDependencies

    const wrong = packages.filter(({ specifier }) => !allowed(specifier))

    expect(wrong.map(shown)).to.deep.equal([])
  })

  it('takes clients as they are handed in, and never imports one, not even its types', () => {
    const clients = packages.filter(({ specifier }) =>
      /^(ioredis|redis|memjs|memcached)/.test(specifier),
    )

    expect(clients.map(shown)).to.deep.equal([])
  })

  it('keeps core and store free of TypeORM', () => {
    const mixed = packages.filter(
      ({ from, specifier }) =>
        ['core', 'store'].includes(folderOf(from)) && specifier === 'typeorm',
    )

    expect(mixed.map(shown)).to.deep.equal([])
  })
})

describe('the tests', () => {
  it('leave skipping to the services helper', () => {
    const skips = /this\.skip\(|\b(describe|it|context)\.(skip|only)\b|\bx(it|describe)\(/
    const tests = readdirSync(join(ROOT, 'test'), { recursive: true, encoding: 'utf8' })
    const found = tests
      .filter((file) => file.endsWith('.ts') && !file.includes('node_modules'))
      .filter((file) => !['support/services.ts', 'architecture.test.ts'].includes(file))
      .filter((file) => skips.test(readFileSync(join(ROOT, 'test', file), 'utf8')))

    expect(found).to.deep.equal([])
  })

  it('are found by their name', () => {
    const tests = readdirSync(join(ROOT, 'test'), { recursive: true, encoding: 'utf8' })
    const unfound = tests
      // `.alone.ts` is run by a test of its own, in another process.
      .filter((file) => file.endsWith('.ts') && !/node_modules|\.(test|alone)\.ts$/.test(file))
      // Projects of their own, with runners of their own.
      .filter((file) => !file.startsWith('matrix/'))
      .filter((file) => /^describe(With)?\(/m.test(readFileSync(join(ROOT, 'test', file), 'utf8')))

    expect(unfound).to.deep.equal([])
  })
})
