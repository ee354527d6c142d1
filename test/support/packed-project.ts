import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'

export const ROOT = join(__dirname, '../../..')
const NAME = 'typeorm-sweeper'

export const run = promisify(execFile)

/** How a strict project of today compiles. */
export const CONSUMER_OPTIONS = {
  module: 'node20',
  target: 'es2022',
  strict: true,
  noEmit: true,
  skipLibCheck: true,
  experimentalDecorators: true,
  types: ['node'],
}

export interface PackedProject {
  readonly tarball: string
  /** A project that has the package, and whatever this repository has installed. */
  readonly folder: string
}

let packing: Promise<PackedProject> | undefined

/** Packs the package as it is published and installs it into a project, once per run. */
export function packedProject(): Promise<PackedProject> {
  return (packing ??= pack())
}

function compiler(): string {
  const manifest = createRequire(__filename).resolve('typescript/package.json')
  return join(dirname(manifest), 'bin/tsc')
}

/** What the compiler says about the sources of a folder that has a tsconfig.json; empty when it is content. */
export function complaintsAbout(folder: string): Promise<string> {
  return run(process.execPath, [compiler(), '-p', folder]).then(
    () => '',
    (error: { stdout: string }) => error.stdout,
  )
}

let temporary: string | undefined

async function pack(): Promise<PackedProject> {
  temporary = await mkdtemp(join(tmpdir(), 'sweeper-package-'))
  await run('npm', ['pack', '--pack-destination', temporary], { cwd: ROOT })
  const tarball = (await readdir(temporary)).find((file) => file.endsWith('.tgz')) ?? ''
  const project = { tarball: join(temporary, tarball), folder: join(temporary, 'project') }
  await install(project)
  return project
}

/** Installs without a registry: the tarball is unpacked, and everything of ours is linked beside it. */
async function install({ tarball, folder }: PackedProject): Promise<void> {
  const modules = join(folder, 'node_modules')
  await mkdir(join(modules, NAME), { recursive: true })
  await run('tar', ['-xzf', tarball, '--strip-components=1', '-C', join(modules, NAME)])
  for (const name of await readdir(join(ROOT, 'node_modules')))
    if (!name.startsWith('.') && name !== NAME)
      await symlink(join(ROOT, 'node_modules', name), join(modules, name), 'dir')
  await writeFile(join(folder, 'package.json'), '{ "private": true }')
}

// A hook outside any `describe` belongs to the whole run.
after(async () => {
  if (temporary !== undefined) await rm(temporary, { recursive: true, force: true })
})
