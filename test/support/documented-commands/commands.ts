import { blocksOf, docPages, textOf } from '../doc-blocks'

/** What users and contributors are told to type. */
export const COMMAND_PAGES: readonly string[] = [...docPages(), 'CONTRIBUTING.md', 'SECURITY.md']

const PROMPT = '$ '
const INLINE = /`((?:(?:npm|npx|node|apt-get) |\.ci\/)[^`\n]*)`/g

/**
 * The commands of a page, each once: every line of its `sh` blocks, what follows a `$` in the other blocks, and in the text
 * whatever begins like one. What a `…` stands in is the form of a command, not one.
 */
export function commandsOf(page: string): readonly string[] {
  const blocks = blocksOf(page).flatMap(({ language, source }) => {
    const lines = source.trim().split('\n')
    if (language === 'sh') return lines
    return lines.filter((line) => line.startsWith(PROMPT)).map((line) => line.slice(PROMPT.length))
  })
  const inline = [...textOf(page).matchAll(INLINE)].map(([, command = '']) => command)
  const commands = [...blocks, ...inline]
    .map((line) => line.replace(/\s+#.*$/, ''))
    .filter((command) => !command.includes('…'))
    .flatMap((line) => line.split(' && '))
    .map((command) => command.replaceAll('\\|', '|').replace(/ --$/, '').trim())
  return [...new Set(commands)]
}

/** What stands below a command in its block; undefined where it stands alone. */
export function printedBelow(command: string): string | undefined {
  const blocks = COMMAND_PAGES.flatMap(blocksOf).map(({ source }) => source)
  const begins = `${PROMPT}${command}\n`
  return blocks.find((source) => source.startsWith(begins))?.slice(begins.length)
}
