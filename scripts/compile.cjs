'use strict'

// Compiles sources, tests and example into .build, for `npm test` and `npm start`.
// Incremental: the compiler writes only what changed. What it does not do is done here:
// the output of a deleted source is removed (a stale test must not run),
// and output that somebody removed is made again.

const fs = require('node:fs')
const path = require('node:path')
const { root, tsc } = require('./tsc.cjs')

const build = path.join(root, '.build')
const state = path.join(build, 'tsconfig.tsbuildinfo')

const outputs = filesIn(build).filter((file) => /\.js(\.map)?$/.test(file))
for (const output of outputs) {
  if (!fs.existsSync(path.join(root, output.replace(/\.js(\.map)?$/, '.ts'))))
    fs.rmSync(path.join(build, output))
}

const missing = sources().some((source) => !outputs.includes(source.replace(/\.ts$/, '.js')))
if (missing) fs.rmSync(state, { force: true })

tsc('tsconfig.json')

function sources() {
  const { include } = JSON.parse(fs.readFileSync(path.join(root, 'tsconfig.json'), 'utf8'))
  const files = include.flatMap((entry) =>
    entry.endsWith('.ts')
      ? [entry]
      : filesIn(path.join(root, entry)).map((f) => path.join(entry, f)),
  )
  return files.filter(
    (file) => file.endsWith('.ts') && !/\.d\.ts$|node_modules|test\/matrix/.test(file),
  )
}

function filesIn(folder) {
  if (!fs.existsSync(folder)) return []
  return fs
    .readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)))
}
