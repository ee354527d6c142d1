'use strict'

const { execFileSync } = require('node:child_process')
const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')
const { root } = require('./tsc.cjs')

const NAME = 'typeorm-sweeper'

let tarball

/** Packs the package as it is published, once, and unpacks it among the modules of a project. */
function installPacked(folder) {
  tarball ??= pack()
  const target = path.join(folder, 'node_modules', NAME)
  fs.rmSync(target, { recursive: true, force: true })
  fs.mkdirSync(target, { recursive: true })
  execFileSync('tar', ['-xzf', tarball, '--strip-components=1', '-C', target])
}

/** A project with the packed package and all that this repository has installed. */
function projectWithEverything(folder) {
  fs.rmSync(folder, { recursive: true, force: true })
  installPacked(folder)
  const modules = path.join(folder, 'node_modules')
  for (const name of fs.readdirSync(path.join(root, 'node_modules')))
    if (!name.startsWith('.') && name !== NAME)
      fs.symlinkSync(path.join(root, 'node_modules', name), path.join(modules, name), 'dir')
}

function pack() {
  const temporary = fs.mkdtempSync(path.join(os.tmpdir(), 'sweeper-matrix-'))
  process.on('exit', () => fs.rmSync(temporary, { recursive: true, force: true }))
  execFileSync('npm', ['pack', '--silent', '--pack-destination', temporary], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  return path.join(temporary, fs.readdirSync(temporary)[0])
}

module.exports = { installPacked, projectWithEverything }
