'use strict'

// The declarations of the packed package, as compilers from 5.4 to 7 read them: under each way to find a module,
// with what compiles and what must not (test/types), and with TypeORM's oldest and newest declarations.

const { spawnSync } = require('node:child_process')
const fs = require('node:fs')
const path = require('node:path')
const { projectWithEverything } = require('./packed.cjs')
const { root } = require('./tsc.cjs')

const RESOLUTIONS = {
  node10: { module: 'commonjs', moduleResolution: 'node10' },
  node16: { module: 'node16', moduleResolution: 'node16' },
  bundler: { module: 'esnext', moduleResolution: 'bundler' },
}

const COMPILERS = {
  'typescript-5.4': ['node10', 'node16', 'bundler'],
  'typescript-5.6': ['node16'],
  'typescript-5.9': ['node10', 'node16', 'bundler'],
  // Which has no node10 any more.
  'typescript-7': ['node16', 'bundler'],
}

/** These look into the declarations themselves, which takes ten times as long: the oldest and the newest. */
const THOROUGH = ['typescript-5.4', 'typescript-7']

/** Our own declarations are looked into; other people's have mistakes of their own. */
const OURS = /^(?!node_modules|\.\.)|^node_modules\/typeorm-sweeper\//

module.exports = function checkTypes(folder) {
  const project = path.join(folder, '.build')
  projectWithEverything(project)
  writeConsumers(project)
  for (const [compiler, resolutions] of Object.entries(COMPILERS))
    for (const resolution of resolutions) check(folder, project, compiler, resolution)
  const oldest = path.join(root, 'test/matrix/typeorm-0.3/node_modules/typeorm')
  check(folder, project, 'typescript-5.9', 'node16', { paths: { typeorm: [oldest] } })
}

/** Everything that can be imported, and the tests of test/types, which import the sources. */
function writeConsumers(project) {
  const manifest = require(path.join(root, 'package.json'))
  const entries = Object.keys(manifest.exports).filter((entry) => entry !== './package.json')
  const everything = entries.map(
    (entry, index) =>
      `import * as entry${index} from '${path.posix.join(manifest.name, entry)}'\nexport { entry${index} }\n`,
  )
  fs.writeFileSync(path.join(project, 'everything.ts'), everything.join(''))
  for (const file of fs.readdirSync(path.join(root, 'test/types'))) {
    const source = fs.readFileSync(path.join(root, 'test/types', file), 'utf8')
    const published = source
      .replaceAll('../../src/redis', `${manifest.name}/redis`)
      .replaceAll(/\.\.\/\.\.\/src\/[\w/-]+/g, manifest.name)
    fs.writeFileSync(path.join(project, file), published)
  }
}

function check(folder, project, compiler, resolution, more = {}) {
  const compilerOptions = {
    ...RESOLUTIONS[resolution],
    ...more,
    target: 'es2022',
    lib: ['es2023', 'esnext.disposable'],
    types: ['node'],
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    experimentalDecorators: true,
    noEmit: true,
    skipLibCheck: resolution !== 'node16' || !THOROUGH.includes(compiler),
  }
  const config = JSON.stringify({ compilerOptions, include: ['*.ts'] })
  fs.writeFileSync(path.join(project, 'tsconfig.json'), config)
  const manifest = path.join(folder, 'node_modules', compiler, 'package.json')
  const { version, bin } = require(manifest)
  const { status, stdout } = spawnSync(
    process.execPath,
    [path.join(path.dirname(manifest), bin.tsc), '-p', 'tsconfig.json', '--pretty', 'false'],
    { cwd: project, encoding: 'utf8' },
  )
  if (status === null || (status !== 0 && !stdout.includes('error TS')))
    throw new Error(`check:matrix types: ${compiler} did not run: ${stdout}`)
  const complaints = stdout.split('\n').filter((line) => line.includes('error TS'))
  const ours = complaints.filter((line) => OURS.test(line))
  const typeorm = 'paths' in more ? ', TypeORM 0.3.20' : ''
  console.log(`TypeScript ${version}, ${resolution}${typeorm}: ${ours.length} errors`)
  if (ours.length === 0) return
  console.error(ours.join('\n'))
  process.exit(1)
}
