import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { until } from '../support/services-process'

const MAIN = join(__dirname, '..', '..', 'example-app', 'main.js')
const RUNS_AT_MOST_MS = 18_000
const SERVES_AT_MOST_MS = 120_000

export interface Finished {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
  readonly ms: number
}

export interface AppOptions {
  readonly args?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
}

/** Runs the example app to its end, or kills it. */
export async function runApp(options: AppOptions = {}): Promise<Finished> {
  return finished(launched(options), RUNS_AT_MOST_MS)
}

/** The example app, serving on a free port. */
export class ServingApp {
  /** One for each server it started. */
  readonly urls: readonly string[]
  readonly #child: ChildProcess
  readonly #finished: Promise<Finished>

  private constructor(child: ChildProcess, end: Promise<Finished>, urls: readonly string[]) {
    this.#child = child
    this.#finished = end
    this.urls = urls
  }

  get url(): string {
    return this.urls[0] ?? ''
  }

  /** Resolves when the app says that it serves. */
  static async start(
    env: Readonly<Record<string, string>> = {},
    args: readonly string[] = [],
  ): Promise<ServingApp> {
    const child = launched({ args, env: { PORT: '0', ...env } })
    let output = ''
    child.stdout?.on('data', (chunk: Buffer) => (output += chunk.toString()))
    const end = finished(child, SERVES_AT_MOST_MS)
    const serves = args.includes('--cluster') ? 2 : 1
    const urls = (): readonly string[] =>
      [...output.matchAll(/Serving on (http:\/\/localhost:\d+)/g)].map(([, url = '']) => url)
    await until('the example app serving', RUNS_AT_MOST_MS, () => {
      if (child.exitCode !== null) throw new Error(`the example app ended: ${output}`)
      return urls().length === serves
    })
    return new ServingApp(child, end, urls())
  }

  /** Ends it as a user or a service manager would. */
  stop(signal: 'SIGINT' | 'SIGTERM' = 'SIGTERM'): Promise<Finished> {
    this.#child.kill(signal)
    return this.#finished
  }
}

function launched({ args = [], env = {} }: AppOptions): ChildProcess {
  const { DATABASE_URL: _database, REDIS_URL: _redis, PORT: _port, ...inherited } = process.env
  return spawn(process.execPath, ['--enable-source-maps', MAIN, ...args], {
    env: { ...inherited, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
}

async function finished(child: ChildProcess, withinMs: number): Promise<Finished> {
  const startedAt = performance.now()
  const { stdout, stderr } = child
  if (stdout === null || stderr === null) throw new Error('the example app has no output')
  const output = Promise.all([text(stdout), text(stderr), once(child, 'close')])
  const timer = setTimeout(() => child.kill('SIGKILL'), withinMs)
  // A run that is cut short must not leave the app behind.
  const kill = (): void => void child.kill('SIGKILL')
  process.once('exit', kill)
  try {
    const [out, problems] = await output
    const ms = performance.now() - startedAt
    return { code: child.exitCode, stdout: out, stderr: problems, ms }
  } finally {
    clearTimeout(timer)
    process.off('exit', kill)
  }
}
