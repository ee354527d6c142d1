import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { writeBlogProject } from '../blog-project'
import { PostgresService } from '../services-postgres'
import { startedHere } from '../services-process'
import { RedisServer } from '../services-redis-server'
import { printedBelow } from './commands'
import { type RunByCheck, RUNS } from './runs'

const ROOT = join(__dirname, '../../../..')
const TAKES_AT_MOST_MS = 120_000
/** Of the output of a command that failed. */
const TOLD_CHARACTERS = 4_000

/**
 * `npm run check:commands`: runs what the documentation tells people to type, in the form that `runs.ts` gives;
 * `--only bench` those which contain that.
 */
async function main(): Promise<void> {
  const { values } = parseArgs({ options: { only: { type: 'string', default: '' } } })
  const folder = startedHere.folder('commands')
  const project = newProject(folder)
  const env = { ...process.env, PORT: '0', PACKED: packed(folder) }
  const postgres = new PostgresService()
  await postgres.open()
  try {
    const redis = await RedisServer.start()
    const servers = { DATABASE_URL: await postgres.createDatabase(), REDIS_URL: redis.url }
    const ran = new Set<string>()
    for (const [command, run] of RUNS) {
      if (!('as' in run) || !command.includes(values.only) || ran.has(run.as)) continue
      ran.add(run.as)
      await checkRun(command, run, {
        cwd: run.inNewProject ? project : ROOT,
        env: run.withServers ? { ...env, ...servers } : env,
      })
    }
  } finally {
    await postgres.close()
    await startedHere.stopAll()
  }
}

function newProject(folder: string): string {
  const project = join(folder, 'project')
  writeBlogProject(project)
  return project
}

/** The package as it is published. */
function packed(folder: string): string {
  execFileSync('npm', ['pack', '--silent', '--pack-destination', folder], { cwd: ROOT })
  const tarball = readdirSync(folder).find((file) => file.endsWith('.tgz'))
  return join(folder, tarball ?? '')
}

interface Place {
  readonly cwd: string
  readonly env: NodeJS.ProcessEnv
}

async function checkRun(command: string, run: RunByCheck, place: Place): Promise<void> {
  const { as, until, exitCode = 0 } = run
  const startedMs = performance.now()
  // A process group of its own: npm's children are stopped with it.
  const child = spawn('sh', ['-c', as], {
    ...place,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const stop = (signal: NodeJS.Signals): void => {
    if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, signal)
  }
  let output = ''
  let isThere = false
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => {
      output += chunk.toString()
      if (isThere || until === undefined || !until.test(output)) return
      isThere = true
      stop('SIGTERM')
    })
  const timer = setTimeout(() => stop('SIGKILL'), TAKES_AT_MOST_MS)
  await once(child, 'close')
  clearTimeout(timer)
  const printed = as === command ? (printedBelow(command) ?? '') : ''
  const hasEnded = until === undefined ? child.exitCode === exitCode : isThere
  const isRight = hasEnded && output.includes(printed)
  const seconds = ((performance.now() - startedMs) / 1_000).toFixed(1)
  const form = as === command ? command : `${command}, as ${as}`
  console.log(`${isRight ? 'ok' : 'FAILED'}  ${seconds} s  ${form}`)
  if (isRight) return
  process.exitCode = 1
  console.log(output.slice(-TOLD_CHARACTERS))
}

main().catch((error: unknown) => {
  console.error(error)
  process.exitCode = 1
})
