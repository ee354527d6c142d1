import { cpSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const ROOT = join(__dirname, '../../..')
const COPIED = ['ormconfig.ts', 'example-app/entities.ts', 'test/cli/fixtures']

const WRITTEN = {
  'package.json': '{ "private": true }',
  'tsconfig.json': '{ "compilerOptions": { "experimentalDecorators": true } }',
  // What the copied files import.
  'src/index.ts': "export * from 'typeorm-sweeper'",
  'src/sweeper.ts': `import { Sweeper } from 'typeorm-sweeper'
import { dataSource } from '../ormconfig'

dataSource.setOptions({ synchronize: true })

export const sweeper = new Sweeper(dataSource, { namespace: 'blog' })
`,
}

/** A project of a user, in TypeScript: the blog of the example, and what the command line is tried on. */
export function writeBlogProject(folder: string): void {
  for (const name of ['src', 'example-app', 'test/cli'])
    mkdirSync(join(folder, name), { recursive: true })
  for (const name of COPIED) cpSync(join(ROOT, name), join(folder, name), { recursive: true })
  for (const [name, text] of Object.entries(WRITTEN)) writeFileSync(join(folder, name), text)
}
