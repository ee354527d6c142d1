'use strict'

const fs = require('node:fs')
const path = require('node:path')
const { root } = require('./tsc.cjs')

const PAGE = path.join(root, 'docs', 'quality.md')

/** Puts lines between `<!-- name -->` and `<!-- /name -->` of docs/quality.md. */
function replaceQuoted(name, lines) {
  const page = fs.readFileSync(PAGE, 'utf8')
  const [begin, end] = [`<!-- ${name} -->\n`, `<!-- /${name} -->`]
  const [from, to] = [page.indexOf(begin), page.indexOf(end)]
  if (from < 0 || to < from)
    throw new Error(`docs/quality.md: there is no ${begin.trim()} … ${end}`)
  const before = page.slice(0, from + begin.length)
  fs.writeFileSync(PAGE, `${before}\n${lines.join('\n')}\n\n${page.slice(to)}`)
}

module.exports = { replaceQuoted }
