import type { ChildProcess } from 'node:child_process'
import { connect } from 'node:net'
import {
  endProcess,
  findProgram,
  freePort,
  MissingServiceError,
  PROBE_MS,
  startedHere,
  unprivileged,
  until,
  untilAnswering,
} from './services-process'

/** Memcached servers of the suite's own, to be killed and paused. */
export class MemcachedService {
  readonly #servers: MemcachedServer[] = []

  async start(): Promise<MemcachedServer> {
    const server = await MemcachedServer.start()
    this.#servers.push(server)
    return server
  }

  async open(): Promise<void> {
    if (program() === undefined)
      throw new MissingServiceError('no memcached; have it on PATH (apt-get install memcached)')
  }

  async close(): Promise<void> {
    for (const server of this.#servers.splice(0)) await server.stop()
  }
}

function program(): string | undefined {
  return findProgram('memcached', ['/usr/local/bin', '/usr/sbin'])
}

/** A Memcached that can be made to fail. Every method resolves when its effect was seen. */
export class MemcachedServer {
  readonly port: number
  readonly #folder: string
  #child: ChildProcess | undefined

  private constructor(port: number, folder: string) {
    this.port = port
    this.#folder = folder
  }

  static async start(): Promise<MemcachedServer> {
    const owner = unprivileged()
    const server = new MemcachedServer(await freePort(), startedHere.folder('memcached', owner))
    await server.restart()
    return server
  }

  get address(): string {
    return `127.0.0.1:${this.port}`
  }

  async kill(): Promise<void> {
    if (this.#child !== undefined) await endProcess(this.#child)
    await until(`port ${this.port} closing`, 5_000, async () => !(await answers(this.port)))
  }

  /** Kills it if it runs, and starts an empty one on its port. */
  async restart(): Promise<void> {
    await this.kill()
    const file = program()
    if (file === undefined) throw new MissingServiceError('no memcached on PATH')
    const args = ['-l', '127.0.0.1', '-p', String(this.port), '-U', '0', '-m', '64']
    const child = startedHere.spawn(file, args, this.#folder, unprivileged())
    this.#child = child
    await untilAnswering(child, this.#folder, () => answers(this.port))
  }

  /** The process stops answering; connections stay open, and what it holds stays. */
  pause(): void {
    this.#child?.kill('SIGSTOP')
  }

  resume(): void {
    this.#child?.kill('SIGCONT')
  }

  async stop(): Promise<void> {
    if (this.#child !== undefined) await endProcess(this.#child)
    startedHere.removeFolder(this.#folder)
  }
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1', timeout: PROBE_MS })
    const end = (isThere: boolean) => () => {
      socket.destroy()
      resolve(isThere)
    }
    socket.once('connect', () => socket.write('version\r\n'))
    socket.once('data', end(true))
    socket.once('error', end(false))
    socket.once('close', end(false))
    socket.once('timeout', end(false))
  })
}
