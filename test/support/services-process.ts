import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  chownSync,
  closeSync,
  existsSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

/** Probing a server that may not be there takes at most this long. */
export const PROBE_MS = 800

/** There is no server, and no way to start one. */
export class MissingServiceError extends Error {
  override readonly name = 'MissingServiceError'
}

/** Servers that refuse to run as root run as nobody. */
const NOBODY = 65534

/** The owner of what a server that refuses root starts from; nothing for everybody else. */
export function unprivileged(): { uid?: number; gid?: number } {
  return process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {}
}

/** Finds a program on PATH or in folders that are usually not on it. */
export function findProgram(name: string, folders: readonly string[] = []): string | undefined {
  const path = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '')
  return [...path, ...folders].map((folder) => join(folder, name)).find((file) => existsSync(file))
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('free port: none was given')
  return address.port
}

/** Awaits a condition, asked again every few milliseconds. */
export async function until(
  what: string,
  withinMs: number,
  condition: () => boolean | Promise<boolean>,
): Promise<void> {
  const deadline = performance.now() + withinMs
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`${what}: not within ${withinMs} ms`)
    await delay(10)
  }
}

/** Processes and folders of this run, removed at its end, also when the run ends early. */
class StartedHere {
  readonly #children = new Set<ChildProcess>()
  readonly #folders = new Set<string>()

  folder(label: string, owner: { uid?: number; gid?: number } = {}): string {
    this.#watchForTheEnd()
    const folder = mkdtempSync(join(tmpdir(), `sweeper-${label}-`))
    if (owner.uid !== undefined && owner.gid !== undefined) chownSync(folder, owner.uid, owner.gid)
    this.#folders.add(folder)
    return folder
  }

  /** Starts a program that writes its output to `<folder>/log`. */
  spawn(
    program: string,
    args: readonly string[],
    folder: string,
    owner: { uid?: number; gid?: number } = {},
  ): ChildProcess {
    this.#watchForTheEnd()
    const log = openSync(join(folder, 'log'), 'a')
    const child = spawn(program, args, { cwd: folder, stdio: ['ignore', log, log], ...owner })
    closeSync(log)
    this.#children.add(child)
    child.once('exit', () => this.#children.delete(child))
    child.unref()
    return child
  }

  removeFolder(folder: string): void {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
    this.#folders.delete(folder)
  }

  async stopAll(): Promise<void> {
    for (const child of this.#children) await endProcess(child)
    for (const folder of this.#folders) this.removeFolder(folder)
  }

  #watching = false
  #watchForTheEnd(): void {
    if (this.#watching) return
    this.#watching = true
    process.once('exit', () => {
      for (const child of this.#children) child.kill('SIGKILL')
      for (const folder of this.#folders) this.removeFolder(folder)
    })
    // Without a listener the signal would end this process and leave its servers running.
    process.once('SIGTERM', () => process.exit(143))
  }
}

export const startedHere = new StartedHere()

export function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null
}

/** Kills a process and waits until it is gone. */
export async function endProcess(child: ChildProcess): Promise<void> {
  if (hasEnded(child)) return
  const exit = once(child, 'exit')
  child.ref()
  child.kill('SIGKILL')
  await exit
}

/** Runs a program to its end. */
export async function runProgram(...spawning: Parameters<StartedHere['spawn']>): Promise<void> {
  const child = startedHere.spawn(...spawning)
  child.ref()
  await once(child, 'exit')
  if (child.exitCode !== 0) throw new Error(`${spawning[0]} failed: ${logOf(spawning[2])}`)
}

/** Waits until a started server answers. */
export async function untilAnswering(
  child: ChildProcess,
  folder: string,
  answers: () => Promise<boolean>,
): Promise<void> {
  await until(`${child.spawnfile} answering`, 30_000, async () => {
    if (hasEnded(child)) throw new Error(`${child.spawnfile} ended: ${logOf(folder)}`)
    return answers()
  })
}

function logOf(folder: string): string {
  return readFileSync(join(folder, 'log'), 'utf8').slice(-1_000)
}
