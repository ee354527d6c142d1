'use strict'

// Publishes the version that a tag names, with provenance. `--dry-run` does everything but that, from any commit.

const { execFileSync } = require('node:child_process')
const fs = require('node:fs')
const path = require('node:path')
const { root } = require('./tsc.cjs')

const isDryRun = process.argv.includes('--dry-run')
const { version } = JSON.parse(fs.readFileSync(path.join(root, 'package.json'), 'utf8'))
const changelog = fs.readFileSync(path.join(root, 'CHANGELOG.md'), 'utf8')

function assert(holds, message) {
  if (holds) return
  console.error(`release: ${message}`)
  process.exit(1)
}

function git(...args) {
  return execFileSync('git', args, { cwd: root, encoding: 'utf8' }).trim()
}

if (!isDryRun) {
  const tags = git('tag', '--points-at', 'HEAD').split('\n')
  assert(
    tags.includes(`v${version}`),
    `HEAD is not tagged v${version}; tag it, or change package.json`,
  )
  assert(git('status', '--porcelain') === '', 'there are changes that are not committed')
  assert(changelog.includes(`## [${version}]`), `CHANGELOG.md has no section ${version}`)
}
assert(changelog.includes('## ['), 'CHANGELOG.md has no sections')

const how = isDryRun ? ['--dry-run'] : ['--provenance', '--access', 'public']
execFileSync('npm', ['publish', ...how], { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] })
