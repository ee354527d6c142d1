import { randomBytes } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { DataSource } from 'typeorm'
import { CuttingProxy } from '../cutting-proxy'
import { randomFrom } from '../random'
import { PostgresService } from '../services-postgres'
import { until } from '../services-process'
import { App } from './app'
import { Checking } from './checking'
import { Dice } from './dice'
import { entitiesWith } from './entities'
import { FaultLog } from './fault-log'
import type { Fault, Site } from './faults/fault'
import { History } from './history'
import { initialized } from './initialized'
import { Judge } from './judge'
import { nowMs, type Report } from './messages'
import { describeRun, type RunReport } from './report'
import { makeSchema, SEED } from './schema'
import { CheckedServers, processesOn, type StoreKind, tellsOfChanges } from './stores'

export interface RunOptions {
  readonly store: StoreKind
  readonly seconds: number
  readonly policy: 'throw' | 'degrade'
  /** Durable sweeps, in the place of marks. */
  readonly outbox: boolean
  readonly faults: readonly Fault[]
  /** Regular expressions over the names of what is drawn. */
  readonly readings: string
  readonly writes: string
  readonly seed: number
  /** Compiled sources that the applications run. */
  readonly build: string
  /** Ends the run at its first violation. */
  readonly untilFound: boolean
  readonly boundMs: number
}

/** What bounds an undelivered sweep here: the longest outage, and the longest pause before it is sent again. */
export const BOUND_MS = 8_000

const CHECK_EVERY_MS = 300
const PAUSE_MS = { least: 250, most: 750 }
/** Marks of the dead have ended by then, and what was not delivered is. */
const SETTLING_MS = 7_000

/** Runs applications on a database and a store of their own, lets faults strike, and judges every read. */
export async function runChecker(options: RunOptions): Promise<RunReport> {
  const postgres = new PostgresService()
  await postgres.open()
  const servers = await CheckedServers.start(options.store)
  const { url } = postgres.options
  const dataSource = new DataSource({
    type: 'postgres',
    url,
    entities: entitiesWith(options.outbox),
    extra: { max: 1 },
  })
  const run = new Run(options, await initialized(dataSource))
  try {
    await makeSchema(dataSource)
    const dice = new Dice(randomFrom(options.seed))
    const apps = await run.startApps(url, servers)
    return await run.go({ apps, servers, dataSource, dice })
  } finally {
    await run.end()
    await dataSource.destroy()
    await servers.stop()
    await postgres.close()
  }
}

class Run {
  readonly #options: RunOptions
  readonly #judge: Judge
  readonly #checking: Checking
  readonly #log = new FaultLog()
  readonly #apps: App[] = []
  readonly #last = new Map<App, Report>()
  readonly #startedAtMs = nowMs()
  #foundAtMs: number | undefined

  constructor(options: RunOptions, dataSource: DataSource) {
    this.#options = options
    this.#judge = new Judge({
      hasMarks: options.policy === 'throw' && !options.outbox,
      boundMs: options.boundMs,
      losesWith: (by) =>
        options.policy === 'degrade' && !options.outbox && by !== SEED && this.#hasDied(by),
      hasForgotten: (fromMs, toMs) => this.#log.hasForgotten(fromMs, toMs),
    })
    this.#checking = new Checking(new History(dataSource), this.#judge)
  }

  #hasDied(by: string): boolean {
    return !this.#apps.some(({ name }) => by.startsWith(`${name}.`))
  }

  async startApps(databaseUrl: string, servers: CheckedServers): Promise<readonly App[]> {
    const { store, policy, outbox, build, readings, writes } = this.#options
    const namespace = `check-${randomBytes(4).toString('hex')}`
    const where = { databaseUrl, namespace, store, servers: servers.urls, build }
    const settings = { ...where, policy, outbox, readings, writes }
    const onReport = (report: Report, app: App): void => {
      this.#checking.tell(report)
      if (report.kind !== 'operations') this.#last.set(app, report)
    }
    for (let index = 1; index <= processesOn(store); index++) {
      const link = await CuttingProxy.before(servers.url ?? databaseUrl)
      const links = await Promise.all(servers.urls.map((url) => CuttingProxy.before(url)))
      // With and without: what one keeps near, the others write.
      const near = index % 2 === 1 && tellsOfChanges(store)
      // Of each of these one reads values from replicas, where there are any.
      const values = index > 2 ? 'replicas' : 'primaries'
      this.#apps.push(
        new App(`app${index}`, [link, ...links], { ...settings, near, values }, onReport),
      )
    }
    await Promise.all(this.#apps.map((app) => app.start()))
    await this.#checking.check(this.#apps)
    this.#judge.acknowledged({
      by: SEED,
      outcome: 'delivered',
      startMs: 0,
      endMs: this.#startedAtMs,
    })
    return this.#apps
  }

  async go(site: Site): Promise<RunReport> {
    const beganAtMs = nowMs()
    const end = beganAtMs + this.#options.seconds * 1_000
    const isOver = (): boolean =>
      nowMs() > end || (this.#options.untilFound && this.#foundAtMs !== undefined)
    let struck = false
    const checking = this.#keepChecking(() => struck)
    try {
      while (!isOver()) {
        await delay(site.dice.between(PAUSE_MS.least, PAUSE_MS.most))
        const fault = site.dice.one(this.#options.faults)
        await this.#log.note(fault, fault.strike(site))
      }
    } catch (error) {
      console.error(describeRun(this.#report(beganAtMs)))
      throw error
    } finally {
      struck = true
      await checking
    }
    const isFound = this.#options.untilFound && this.#foundAtMs !== undefined
    if (!isFound) await this.#settle()
    return this.#report(beganAtMs)
  }

  /** Nothing is stale for good, and everything is cached again. */
  async #settle(): Promise<void> {
    await this.#order('stop', 'stopped')
    await delay(SETTLING_MS)
    await this.#order('look', 'looked')
    await this.#order('look', 'looked')
    await this.#checking.check(this.#apps)
    this.#judge.judgeGoneBack(Infinity)
    for (const look of this.#checking.looks) this.#judge.lastRead(look)
    if (this.#judge.violations.length > 0) this.#foundAtMs ??= nowMs()
  }

  async #order(order: 'stop' | 'look', answer: Report['kind']): Promise<void> {
    this.#last.clear()
    for (const app of this.#apps) app.order(order)
    await until(`every application having ${answer}`, 60_000, () => {
      for (const app of this.#apps)
        if (app.hasEnded) throw new Error(`${app.name} has ended by itself`)
      return this.#apps.every((app) => this.#last.get(app)?.kind === answer)
    })
  }

  async #keepChecking(isOver: () => boolean): Promise<void> {
    while (!isOver()) {
      await delay(CHECK_EVERY_MS)
      await this.#checking.check(this.#apps)
      if (this.#judge.violations.length > 0) this.#foundAtMs ??= nowMs()
    }
  }

  #report(beganAtMs: number): RunReport {
    const looked = [...this.#last.values()].filter((report) => report.kind === 'looked')
    return {
      seconds: (nowMs() - beganAtMs) / 1_000,
      foundAfterSeconds:
        this.#foundAtMs === undefined ? undefined : (this.#foundAtMs - beganAtMs) / 1_000,
      judge: this.#judge,
      checking: this.#checking,
      faults: this.#log,
      looked,
    }
  }

  async end(): Promise<void> {
    await Promise.all(this.#apps.map((app) => app.end()))
  }
}
