'use strict'

const { spawnSync } = require('node:child_process')
const path = require('node:path')

const root = path.join(__dirname, '..')

/** Runs this project's TypeScript compiler on one configuration; ends the process when it finds an error. */
function tsc(project) {
  // The package exports no path to its executable, so the way to it starts at its package.json.
  const manifest = require.resolve('typescript/package.json')
  const bin = path.join(path.dirname(manifest), require(manifest).bin.tsc)
  const { status } = spawnSync(process.execPath, [bin, '-p', path.join(root, project)], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  if (status !== 0) process.exit(status ?? 1)
}

module.exports = { root, tsc }
