'use strict'

// What the tests reach of core, version, model and sweep: `npm run check:coverage`. It fails where a line is not reached,
// and puts the figures into docs/quality.md. What is given beside it goes to mocha, `npm run check:coverage -- -g pins`:
// then some tests run, nothing is written, and nothing has to be reached.

const { spawnSync } = require('node:child_process')
const fs = require('node:fs')
const path = require('node:path')
const { replaceQuoted } = require('./quoted-figures.cjs')
const { root } = require('./tsc.cjs')

const FOLDERS = ['core', 'model', 'sweep', 'version']
const SUITES = [...FOLDERS, 'integration', 'outbox', 'faults']
/** Per cent of each folder. */
const AT_LEAST = { lines: 100, branches: 93, functions: 99 }

const chosen = process.argv.slice(2)
const reports = path.join(root, 'coverage', 'four-folders')
const { status } = spawnSync(
  'npx',
  [
    'c8',
    ...['text', 'html', 'json-summary'].flatMap((name) => ['--reporter', name]),
    ...['--reports-dir', reports],
    ...FOLDERS.flatMap((name) => ['--include', `.build/src/${name}/**`]),
    ...['mocha', '--no-config', '-r', 'reflect-metadata', '--timeout', '120000'],
    ...['--reporter', 'dot', `.build/test/{${SUITES.join(',')}}/**/*.test.js`, ...chosen],
  ],
  { cwd: root, stdio: 'inherit' },
)
if (status !== 0) process.exit(status ?? 1)
if (chosen.length === 0) checkFigures()

function checkFigures() {
  const summary = JSON.parse(fs.readFileSync(path.join(reports, 'coverage-summary.json'), 'utf8'))
  const table = ['| folder | lines | branches | functions |', '|---|---|---|---|']
  for (const folder of FOLDERS) {
    const { lines, branches, functions } = figuresOf(summary, folder)
    table.push(`| ${folder} | ${perCent(lines)} | ${perCent(branches)} | ${perCent(functions)} |`)
    for (const [what, figure] of Object.entries({ lines, branches, functions })) {
      if (figure >= AT_LEAST[what]) continue
      const remedy = `it has to be ${AT_LEAST[what]} %`
      console.error(`check:coverage: ${folder} has ${perCent(figure)} of ${what}; ${remedy}`)
      process.exitCode = 1
    }
  }
  replaceQuoted('coverage', table)
}

function perCent(figure) {
  return `${Math.floor(figure * 100) / 100} %`
}

/** Of all files of a folder together. */
function figuresOf(summary, folder) {
  const files = Object.entries(summary).filter(([file]) => file.includes(`/src/${folder}/`))
  const figure = (what) => {
    const sum = (name) => files.reduce((total, [, counts]) => total + counts[what][name], 0)
    return (100 * sum('covered')) / sum('total')
  }
  return { lines: figure('lines'), branches: figure('branches'), functions: figure('functions') }
}
