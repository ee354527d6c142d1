import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { cp, mkdir, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'

const SOURCES = join(__dirname, '../../../example-realworld')
const STARTING_TAKES_AT_MOST_MS = 30_000
const run = promisify(execFile)

/** As it was written, or with cached.diff applied. */
export type Variant = 'plain' | 'cached'

/** A RealWorld application that listens, in a process of its own. */
export interface RealworldApp {
  readonly url: string
  stop(): Promise<void>
}

/** Compiles a variant into a folder from which the package and its peers are found. */
export async function compileRealworld(variant: Variant, folder: string): Promise<string> {
  await rm(folder, { recursive: true, force: true })
  await mkdir(folder, { recursive: true })
  for (const part of ['src', 'tsconfig.json'])
    await cp(join(SOURCES, part), join(folder, part), { recursive: true })
  if (variant === 'cached') await run('patch', ['-p1', '-i', DIFF], { cwd: join(folder, 'src') })
  const compiler = join(
    dirname(createRequire(__filename).resolve('typescript/package.json')),
    'bin/tsc',
  )
  await run(process.execPath, [compiler, '-p', folder]).catch((error: { stdout: string }) => {
    throw new Error(`the ${variant} application does not compile:\n${error.stdout}`)
  })
  return join(folder, 'out/main.js')
}

const DIFF = join(SOURCES, 'cached.diff')

export async function startRealworld(program: string, databaseUrl: string): Promise<RealworldApp> {
  const child = spawn(process.execPath, [program], {
    env: { ...process.env, REALWORLD_DATABASE_URL: databaseUrl },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  return {
    url: await announced(child),
    stop: () => {
      child.kill()
      return ended
    },
  }
}

/** The address it prints when it listens. */
function announced(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    const fail = (reason: string): void => {
      child.kill()
      reject(new Error(`the RealWorld application ${reason}`))
    }
    const timer = setTimeout(() => fail('does not start'), STARTING_TAKES_AT_MOST_MS)
    child.once('exit', (code) => fail(`ended with ${code}`))
    if (child.stdout === null) return fail('has no output')
    createInterface(child.stdout).once('line', (line) => {
      clearTimeout(timer)
      resolve(line.replace('listening on ', ''))
    })
  })
}
