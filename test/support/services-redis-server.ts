import { type ChildProcess, execFileSync } from 'node:child_process'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import {
  endProcess,
  findProgram,
  freePort,
  hasEnded,
  MissingServiceError,
  PROBE_MS,
  startedHere,
  until,
  untilAnswering,
} from './services-process'

/** Named by `REDIS_SERVER`, else whichever is there. */
export function redisProgram(): string | undefined {
  const named = process.env['REDIS_SERVER']
  if (named !== undefined && named !== '') return named
  return findProgram('redis-server') ?? findProgram('valkey-server')
}

/** Redis servers of the suite's own, to be killed, paused and filled up. */
export class RedisServerService {
  readonly #servers: RedisServer[] = []

  /** @param args what redis-server takes: `['--maxmemory', '2mb']` */
  async start(args: readonly string[] = []): Promise<RedisServer> {
    const server = await RedisServer.start(args)
    this.#servers.push(server)
    return server
  }

  async open(): Promise<void> {
    if (redisProgram() === undefined)
      throw new MissingServiceError('no redis-server; have it, or valkey-server, on PATH')
  }

  async close(): Promise<void> {
    for (const server of this.#servers.splice(0)) await server.stop()
  }
}

/** A Redis server that can be made to fail. Every method resolves when its effect was seen. */
export class RedisServer {
  readonly port: number
  readonly #args: readonly string[]
  readonly #folder: string
  /** A file of settings and a mode, which have to come first. */
  readonly #before: readonly string[]
  #child: ChildProcess | undefined
  #runId: string | undefined

  private constructor(
    port: number,
    args: readonly string[],
    folder: string,
    before: readonly string[] = [],
  ) {
    this.port = port
    this.#args = args
    this.#folder = folder
    this.#before = before
  }

  /** Starts one on a free port. Without arguments it keeps everything in memory and loses it with its process. */
  static async start(args: readonly string[] = []): Promise<RedisServer> {
    const server = new RedisServer(await freePort(), args, startedHere.folder('redis'))
    await server.#launch()
    return server
  }

  /** A sentinel that watches a primary: it takes one for dead after half a second. */
  static async startSentinel(name: string, primaryPort: number): Promise<RedisServer> {
    const folder = startedHere.folder('sentinel')
    const file = join(folder, 'sentinel.conf')
    // Sentinels write down what they learn: in a file of their own.
    writeFileSync(
      file,
      [
        `sentinel monitor ${name} 127.0.0.1 ${primaryPort} 2`,
        `sentinel down-after-milliseconds ${name} 500`,
        `sentinel failover-timeout ${name} 3000`,
        '',
      ].join('\n'),
    )
    const server = new RedisServer(await freePort(), [], folder, [file, '--sentinel'])
    await server.#launch()
    return server
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`
  }

  get pid(): number {
    return this.#running().pid ?? 0
  }

  /** New with every start of the process. */
  get runId(): string {
    return this.#runId ?? ''
  }

  /** The process dies at once, as if the power went; connections are reset. */
  async kill(): Promise<void> {
    await endProcess(this.#running())
    await until(`port ${this.port} closing`, 5_000, async () => !(await this.#answers()))
  }

  /** Kills it if it runs, and starts it again on its port, with what it had written to its folder. */
  async restart(): Promise<void> {
    const before = this.#runId
    if (!hasEnded(this.#running())) await this.kill()
    await this.#launch()
    if (this.#runId === before) throw new Error(`redis on ${this.port}: still the same run`)
  }

  /** What was written to its folder is gone: the next start is an empty one. */
  forgetSnapshot(): void {
    rmSync(join(this.#folder, 'dump.rdb'), { force: true })
  }

  /** The process stops answering; connections stay open. */
  async pause(): Promise<void> {
    this.#running().kill('SIGSTOP')
    await until(`redis ${this.pid} pausing`, 5_000, () => stateOf(this.pid) === 'T')
  }

  async resume(): Promise<void> {
    this.#running().kill('SIGCONT')
    await until(`redis ${this.pid} resuming`, 5_000, () => this.#answers())
  }

  /** Ends it for good. */
  async stop(): Promise<void> {
    if (this.#child !== undefined) await endProcess(this.#child)
    startedHere.removeFolder(this.#folder)
  }

  #running(): ChildProcess {
    if (this.#child === undefined) throw new Error(`redis on ${this.port}: not started`)
    return this.#child
  }

  async #launch(): Promise<void> {
    const program = redisProgram()
    if (program === undefined) throw new MissingServiceError('no redis-server on PATH')
    const local = ['--bind', '127.0.0.1', '--port', String(this.port), '--dir', this.#folder]
    const storing = this.#before.length > 0 ? [] : ['--save', '', '--appendonly', 'no']
    const args = [...this.#before, ...local, ...storing, ...this.#args]
    const child = startedHere.spawn(program, args, this.#folder)
    this.#child = child
    await untilAnswering(child, this.#folder, () => this.#answers())
  }

  /** Asks for the process id too: on this port another server may answer. */
  async #answers(): Promise<boolean> {
    const client = new Redis(this.url, {
      lazyConnect: true,
      retryStrategy: () => null,
      connectTimeout: PROBE_MS,
      commandTimeout: PROBE_MS,
    })
    // The failure is told by the promise below; without a listener it would be printed as well.
    client.on('error', () => undefined)
    try {
      await client.connect()
      const info = await client.info('server')
      if (Number(/^process_id:(\d+)/m.exec(info)?.[1]) !== this.#child?.pid) return false
      this.#runId = /^run_id:(\w+)/m.exec(info)?.[1]
      return true
    } catch {
      // Not yet, or not any more: what the callers wait for.
      return false
    } finally {
      client.disconnect()
    }
  }
}

/** `T` for a stopped process: proc(5) where there is one, else ps(1). */
export function stateOf(pid: number): string | undefined {
  const stat = `/proc/${pid}/stat`
  if (existsSync(stat)) return /\) (\w)/.exec(readFileSync(stat, 'utf8'))?.[1]
  return execFileSync('ps', ['-o', 'state=', '-p', String(pid)], { encoding: 'utf8' }).trim()[0]
}
