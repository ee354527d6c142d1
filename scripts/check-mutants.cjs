'use strict'

// Mutation testing, `npm run check:mutants`: changes the compiled sources in small ways, one at a time, and looks whether
// a test notices. Puts the scores into docs/quality.md. With names, only these, and nothing is written:
// `npm run check:mutants -- core/entry version`.

const { execFileSync } = require('node:child_process')
const fs = require('node:fs')
const path = require('node:path')
const { replaceQuoted } = require('./quoted-figures.cjs')
const { root } = require('./tsc.cjs')

const HERE = path.join(root, 'test', 'mutants')
const REPORTS = path.join('coverage', 'mutants')
const STRYKER = path.join(HERE, 'node_modules/@stryker-mutator/core/bin/stryker.js')

/** Which tests are run for the changes to a folder, and where not all of its files are changed, to which. */
const GROUPS = JSON.parse(fs.readFileSync(path.join(HERE, 'groups.json'), 'utf8'))

const chosen = process.argv.slice(2)
const rows = Object.keys(GROUPS)
  .filter((folder) => chosen.length === 0 || chosen.some((name) => name.split('/')[0] === folder))
  .map((folder) => [folder, scoreOf(folder)])
for (const [folder, score] of rows) console.log(lineOf(folder, score))
if (chosen.length === 0)
  replaceQuoted('mutants', [
    '| folder | files | changes | noticed | by running out of time | score |',
    '|---|---|---|---|---|---|',
    ...rows.map(([folder, score]) => lineOf(folder, score)),
  ])

function scoreOf(folder) {
  const { files = ['*'], specs, grep = '' } = GROUPS[folder]
  const named = chosen
    .filter((name) => name.startsWith(`${folder}/`))
    .map((name) => path.basename(name))
  const mutate = (named.length > 0 ? named : files).map((name) => `.build/src/${folder}/${name}.js`)
  const report = path.join(REPORTS, `${folder}.json`)
  const base = JSON.parse(fs.readFileSync(path.join(HERE, 'stryker.json'), 'utf8'))
  const config = path.join(REPORTS, `${folder}.config.json`)
  fs.mkdirSync(path.join(root, REPORTS), { recursive: true })
  const settings = {
    ...base,
    mutate,
    mochaOptions: {
      ...base.mochaOptions,
      grep,
      spec: specs.map((spec) => `.build/test/${spec}.test.js`),
    },
    htmlReporter: { fileName: path.join(REPORTS, `${folder}.html`) },
    jsonReporter: { fileName: report },
  }
  fs.writeFileSync(path.join(root, config), JSON.stringify(settings, null, 2))
  execFileSync(process.execPath, [STRYKER, 'run', config], { cwd: root, stdio: 'inherit' })
  return counted(JSON.parse(fs.readFileSync(path.join(root, report), 'utf8')))
}

/** Changes that no test was run for count as unnoticed; those that do not compile, or run only while a module is loaded, not at all. */
function counted({ files }) {
  const mutants = Object.values(files).flatMap((file) => file.mutants)
  const count = (...names) => mutants.filter(({ status }) => names.includes(status)).length
  return {
    files: Object.keys(files).length,
    timedOut: count('Timeout'),
    noticed: count('Killed', 'Timeout'),
    all: count('Killed', 'Timeout', 'Survived', 'NoCoverage'),
  }
}

function lineOf(folder, { files, all, noticed, timedOut }) {
  const score = `${((100 * noticed) / all).toFixed(2)} %`
  return `| ${[folder, files, all, noticed, timedOut, score].join(' | ')} |`
}
