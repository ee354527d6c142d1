import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const ROOT = join(__dirname, '../../..')

export interface DocBlock {
  readonly page: string
  /** Of the first line inside the block. */
  readonly line: number
  readonly language: string
  readonly source: string
  /** What the program prints, if that stands directly below it. */
  readonly output: string | undefined
}

const BLOCK = /^( *)```(.*)\n([\s\S]*?)^ *```$/gm
const OUTPUT = /\s*^```text\n([\s\S]*?)^```$/my

/** README.md and the pages of docs/, without the decisions: those tell of their day. */
export function docPages(): readonly string[] {
  const pages = readdirSync(join(ROOT, 'docs')).filter((file) => file.endsWith('.md'))
  return ['README.md', ...pages.map((page) => join('docs', page))]
}

export function textOf(page: string): string {
  return readFileSync(join(ROOT, page), 'utf8')
}

export function blocksOf(page: string): readonly DocBlock[] {
  const text = textOf(page)
  return [...text.matchAll(BLOCK)].map((match) => {
    const [whole, indent = '', language = '', source = ''] = match
    OUTPUT.lastIndex = match.index + whole.length
    return {
      page,
      line: text.slice(0, match.index).split('\n').length + 1,
      language,
      source: source.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
      output: OUTPUT.exec(text)?.[1],
    }
  })
}
