'use strict'

// Makes dist/: one CommonJS implementation with its declarations, and for every entry of `exports` in
// package.json a thin ES module face that re-exports it. One implementation means one registry of
// declarations and one class of each name, whichever way the package is loaded.

const fs = require('node:fs')
const path = require('node:path')
const { root, tsc } = require('./tsc.cjs')

const manifest = require(path.join(root, 'package.json'))

fs.rmSync(path.join(root, 'dist'), { recursive: true, force: true })
tsc('tsconfig.build.json')
for (const [name, conditions] of entries()) writeFace(name, conditions)

/** The code entries; `./package.json` and other plain files have no conditions. */
function entries() {
  return Object.entries(manifest.exports).filter(([, target]) => typeof target !== 'string')
}

function writeFace(name, { import: esm, require: cjs }) {
  assertComplete(name, esm, cjs)
  const names = Object.keys(require(path.join(root, cjs.default)))
  const from = `./${path.basename(cjs.default)}`
  const list = names.map((exported) => `  ${exported},\n`).join('')
  fs.writeFileSync(path.join(root, esm.default), `export {\n${list}} from '${from}'\n`)
  fs.writeFileSync(path.join(root, esm.types), `export * from '${from}'\n`)
}

function assertComplete(name, esm, cjs) {
  const stem = name === '.' ? 'index' : name.slice('./'.length)
  const expected = {
    esm: { types: `./dist/${stem}.d.mts`, default: `./dist/${stem}.mjs` },
    cjs: { types: `./dist/${stem}.d.ts`, default: `./dist/${stem}.js` },
  }
  if (JSON.stringify({ esm, cjs }) !== JSON.stringify(expected))
    throw new Error(
      `package.json: exports "${name}" differs; it would be ${JSON.stringify(expected)}`,
    )
  if (!fs.existsSync(path.join(root, cjs.default)))
    throw new Error(`package.json: exports "${name}" has no source; add src/${stem}.ts`)
  const fallback = manifest.typesVersions['*'][stem]
  if (stem !== 'index' && JSON.stringify(fallback) !== JSON.stringify([cjs.types]))
    throw new Error(
      `package.json: typesVersions lacks "${stem}": ["${cjs.types}"]; older module resolutions need it`,
    )
}
