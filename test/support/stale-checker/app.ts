import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { CuttingProxy } from '../cutting-proxy'
import { endProcess, hasEnded, until } from '../services-process'
import { stateOf } from '../services-redis-server'
import type { AppSettings, Order, Report } from './messages'

export interface AppOptions extends Omit<AppSettings, 'name' | 'seed' | 'storeUrl' | 'links'> {
  /** Compiled sources to run it from: the real ones, or some with a bug. */
  readonly build: string
}

/** An application process with links to the store of its own, all of which can be made to fail. */
export class App {
  readonly place: string
  readonly link: CuttingProxy
  /** To each server of a cluster. */
  readonly links: readonly CuttingProxy[]
  readonly #options: AppOptions
  readonly #onReport: (report: Report, app: App) => void
  #child: ChildProcess | undefined
  #life = 0
  /** Nothing that ended before this is still to be told. */
  upToMs = 0

  constructor(
    place: string,
    [link, ...links]: readonly [CuttingProxy, ...CuttingProxy[]],
    options: AppOptions,
    onReport: (report: Report, app: App) => void,
  ) {
    this.place = place
    this.link = link
    this.links = links
    this.#options = options
    this.#onReport = onReport
  }

  /** Of the life it has now: connections to the database carry it too. */
  get name(): string {
    return `${this.place}.${this.#life}`
  }

  get pid(): number {
    return this.#running().pid ?? 0
  }

  /** Resolves when it works. */
  async start(): Promise<void> {
    this.#life++
    const { build, ...settings } = this.#options
    const own: AppSettings = {
      ...settings,
      name: this.name,
      seed: seedOf(this.name),
      storeUrl: this.link.url,
      links: this.links.map(({ url }) => url),
    }
    const child = fork(join(build, 'test/support/stale-checker/app-main.js'), {
      env: { ...process.env, STALE_CHECKER_APP: JSON.stringify(own) },
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      execArgv: ['--enable-source-maps', '--max-old-space-size=512'],
    })
    this.#child = child
    this.upToMs = 0
    child.on('message', (report: Report) => {
      if (this.#child !== child) return
      if (report.kind === 'operations') this.upToMs = report.upToMs
      this.#onReport(report, this)
    })
    await until(`${this.name} working`, 30_000, () => {
      if (hasEnded(child)) throw new Error(`${this.name} has ended by itself`)
      return this.upToMs > 0
    })
  }

  /** What it was doing may or may not be done. */
  async kill(): Promise<void> {
    const child = this.#running()
    if (hasEnded(child)) throw new Error(`${this.name} has ended by itself`)
    // Messages that it had sent are heard until the channel is closed.
    const heard = child.connected ? once(child, 'disconnect') : Promise.resolve()
    await endProcess(child)
    await heard
    if (child.signalCode !== 'SIGKILL') throw new Error(`${this.name} was not killed`)
    // Nothing more is to come from it.
    this.upToMs = Infinity
  }

  async pause(): Promise<void> {
    process.kill(this.pid, 'SIGSTOP')
    await until(`${this.name} pausing`, 5_000, () => stateOf(this.pid) === 'T')
  }

  async resume(): Promise<void> {
    process.kill(this.pid, 'SIGCONT')
    await until(`${this.name} resuming`, 5_000, () => stateOf(this.pid) !== 'T')
  }

  order(order: Order): void {
    this.#running().send(order)
  }

  async end(): Promise<void> {
    if (this.#child !== undefined) await endProcess(this.#child)
    for (const link of [this.link, ...this.links]) await link.close()
  }

  get hasEnded(): boolean {
    return hasEnded(this.#running())
  }

  #running(): ChildProcess {
    if (this.#child === undefined) throw new Error(`${this.place}: not started`)
    return this.#child
  }
}

function seedOf(name: string): number {
  return [...name].reduce((seed, letter) => Math.imul(seed, 31) + letter.charCodeAt(0), Date.now())
}
