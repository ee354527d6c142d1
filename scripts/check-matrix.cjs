'use strict'

// Runs the suites that touch TypeORM where other versions and drivers are, and the packed package in projects
// such as users have: `npm run check:matrix`,
// or with the names of some parts: `npm run check:matrix -- typeorm-0.3`.
// Each part is a folder of test/matrix with a package.json of its own, installed when it is first needed.

const fs = require('node:fs')
const path = require('node:path')
const { spawnSync } = require('node:child_process')
const checkTypes = require('./check-types.cjs')
const { installPacked } = require('./packed.cjs')
const { root } = require('./tsc.cjs')

const SUITES = ['integration', 'sweep']

const PARTS = {
  /** Compiled files beside this TypeORM find it before the project's own. */
  'typeorm-0.3': (folder) => mocha(compiledBeside(folder, 'typeorm'), SUITES),
  /** Made of ES modules alone. */
  'nest-12': (folder) => mocha(compiledBeside(folder, '@nestjs/core'), ['nest']),
  /** What users run our matchers with, each in a process of its own, and the types of both. */
  'test-runners': (folder) => {
    run('npx', ['jest', '--ci'], folder)
    run('npx', ['vitest', 'run'], folder)
    run('npx', ['tsc', '-p', folder], root)
  },
  /** The suites run on it wherever it is installed. */
  'better-sqlite3': () => mocha(path.join(root, '.build'), SUITES, '--grep', 'better-sqlite3'),
  types: (folder) => {
    install('typeorm-0.3')
    checkTypes(folder)
  },
  import: (folder) => {
    installPacked(folder)
    run(process.execPath, ['by-require.cjs'], folder)
    run(process.execPath, ['by-import.mjs'], folder)
  },
  jest: (folder) => {
    installPacked(folder)
    run('npm', ['run', '--silent', 'build'], folder)
    run('npm', ['test', '--silent'], folder)
  },
}

const wanted = process.argv.slice(2)
for (const name of wanted.length > 0 ? wanted : Object.keys(PARTS)) {
  if (!(name in PARTS))
    throw new Error(`check:matrix: no part "${name}"; there are ${Object.keys(PARTS).join(', ')}`)
  console.log(`\n== ${name}`)
  PARTS[name](install(name))
}

function install(name) {
  const folder = path.join(root, 'test', 'matrix', name)
  if (!fs.existsSync(path.join(folder, 'node_modules')))
    run('npm', ['ci', '--no-audit', '--no-fund', '--silent'], folder)
  return folder
}

/** The compiled files, copied to where they find another version of a package. */
function compiledBeside(folder, name) {
  const compiled = path.join(folder, '.build')
  fs.rmSync(compiled, { recursive: true, force: true })
  fs.cpSync(path.join(root, '.build'), compiled, { recursive: true })
  const found = require.resolve(name, { paths: [path.join(compiled, 'test')] })
  if (!found.startsWith(folder)) throw new Error(`${folder}: the suites would find ${found}`)
  return compiled
}

function mocha(compiled, suites, ...options) {
  const specs = suites.map((suite) => path.join(compiled, 'test', suite, '**/*.test.js'))
  const common = ['--no-config', '--require', 'reflect-metadata', '--timeout', '20000']
  const strict = ['--forbid-only', '--reporter', 'dot', '--enable-source-maps']
  run('npx', ['mocha', ...common, ...strict, ...options, ...specs], root)
}

function run(command, args, cwd) {
  const { status } = spawnSync(command, args, { cwd, stdio: 'inherit' })
  if (status !== 0) process.exit(status ?? 1)
}
