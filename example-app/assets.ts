import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

interface Asset {
  readonly type: string
  readonly content: Buffer
}

// The program runs from .build, these are served as they are written.
const FOLDER = join(__dirname, '..', '..', 'example-app', 'public')
const JAVASCRIPT = 'text/javascript; charset=utf-8'
const TYPES: Readonly<Record<string, string>> = {
  '/style.css': 'text/css; charset=utf-8',
  '/showcase.js': JAVASCRIPT,
  '/fragments.js': JAVASCRIPT,
  '/report.js': JAVASCRIPT,
  '/xray.js': JAVASCRIPT,
}

/** What the page loads beside itself; undefined for every other path. */
export async function assetAt(path: string): Promise<Asset | undefined> {
  const type = Object.hasOwn(TYPES, path) ? TYPES[path] : undefined
  if (type === undefined) return undefined
  return { type, content: await readFile(join(FOLDER, path)) }
}
