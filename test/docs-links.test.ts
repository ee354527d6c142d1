import { expect } from 'chai'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { ROOT } from './support/packed-project'

const CODE = /SWEEPER_[A-Z]+(?:_[A-Z]+)*/g

function filesIn(folder: string, extension: string): readonly string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith(extension))
    .map((file) => join(ROOT, folder, file))
}

function proseOf(page: string): string {
  return readFileSync(page, 'utf8')
    .replaceAll(/^```[\s\S]*?^```/gm, '')
    .replaceAll(/`[^`\n]*`/g, (code) => code.replaceAll(/[[\]()#]/g, ''))
}

/** A heading's place in the page, as GitHub names it. */
function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replaceAll(/\s/g, '-')
}

function anchorsOf(page: string): readonly string[] {
  const text = readFileSync(page, 'utf8').replaceAll(/^```[\s\S]*?^```/gm, '')
  return [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) => anchorOf(heading))
}

function brokenLinksOf(page: string): readonly string[] {
  const links = [...proseOf(page).matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = '']) => link)
  return links
    .filter((link) => !/^[a-z]+:/.test(link))
    .filter((link) => {
      const [file = '', anchor] = link.split('#')
      const target = file === '' ? page : join(dirname(page), file)
      if (!existsSync(target)) return true
      return anchor !== undefined && !anchorsOf(target).includes(anchor)
    })
    .map((link) => `${relative(ROOT, page)}: ${link}`)
}

describe('the documentation', () => {
  it('leads to pages and headings that there are', () => {
    const top = ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', 'SECURITY.md']
    const pages = [...top.map((file) => join(ROOT, file)), ...filesIn('docs', '.md')]

    expect(pages.flatMap(brokenLinksOf)).to.deep.equal([])
  })

  it('is reached from the README, page by page', () => {
    const reached = new Set<string>()
    const next = [join(ROOT, 'README.md')]
    for (let page = next.pop(); page !== undefined; page = next.pop()) {
      if (reached.has(page)) continue
      reached.add(page)
      for (const [, link = ''] of proseOf(page).matchAll(/\]\(([^)\s#]+\.md)[^)]*\)/g))
        if (!/^[a-z]+:/.test(link)) next.push(join(dirname(page), link))
    }
    const pages = filesIn('docs', '.md').filter((page) => !page.includes('decisions'))

    expect(
      pages.filter((page) => !reached.has(page)).map((page) => relative(ROOT, page)),
    ).to.deep.equal([])
  })

  it('begins with a README that can be read in one go: 250 lines', () => {
    const lines = readFileSync(join(ROOT, 'README.md'), 'utf8').trimEnd().split('\n')

    expect(lines.length).to.be.at.most(250)
  })

  it('lists every code of errors and warnings, and no others', () => {
    const codes = filesIn('src', '.ts').flatMap((file) =>
      [...readFileSync(file, 'utf8').matchAll(/code(?: =|:) '(SWEEPER_[A-Z_]+)'/g)].map(
        ([, code = '']) => code,
      ),
    )
    const listed = readFileSync(join(ROOT, 'docs/errors.md'), 'utf8').match(CODE) ?? []

    expect([...new Set(listed)]).to.have.members([...new Set(codes)])
  })
})
