import 'reflect-metadata'
import { AsyncLocalStorage } from 'node:async_hooks'
import { setTimeout as delay } from 'node:timers/promises'
import { DatabaseError, type Pool, type PoolClient } from 'pg'
import { DataSource, TypeORMError } from 'typeorm'
import { type Store, Sweeper, SweepSubscriber, sweptQueryCache } from '../../../src/index'
import { randomFrom } from '../random'
import { storeOf } from './app-store'
import { Dice } from './dice'
import { entitiesWith } from './entities'
import { initialized } from './initialized'
import {
  type AppSettings,
  nowMs,
  type Order,
  type ReadOperation,
  type Report,
  type WriteOperation,
} from './messages'
import { READINGS } from './readings/all'
import type { ReadingApp } from './readings/reading'
import { glance } from './readings/version'
import type { Sight } from './sight'
import { WRITES } from './writes/all'
import { touch } from './writes/saving'

const WRITERS = 3
const READERS = 12
/** The server is shared with other runs. */
const CONNECTIONS = 5
const REPORT_EVERY_MS = 100

/** One application process of the checker: writers, readers, and a report of what they did. */
class CheckedApp {
  readonly #settings: AppSettings
  readonly #dataSource: DataSource
  readonly #sweeper: Sweeper
  readonly #dice: Dice
  readonly #writing = new AsyncLocalStorage<{ pending: boolean }>()
  readonly #readings: typeof READINGS
  readonly #writings: typeof WRITES
  readonly #byVersion = new Map<string, Sight>()
  #operations: (ReadOperation | WriteOperation)[] = []
  #stopped = false
  #work: Promise<unknown> = Promise.resolve()
  #writes = 0

  constructor(settings: AppSettings, store: Store) {
    this.#settings = settings
    this.#dice = new Dice(randomFrom(settings.seed))
    this.#readings = READINGS.filter(({ name }) => new RegExp(settings.readings).test(name))
    this.#writings = WRITES.filter(({ name }) => new RegExp(settings.writes).test(name))
    this.#dataSource = new DataSource({
      type: 'postgres',
      url: settings.databaseUrl,
      applicationName: settings.name,
      entities: entitiesWith(settings.outbox),
      subscribers: [SweepSubscriber],
      // A connection that was ended by the server between two statements is told by the next one.
      poolErrorHandler: () => undefined,
      extra: { max: CONNECTIONS },
      cache: { provider: sweptQueryCache },
    })
    this.#sweeper = new Sweeper(this.#dataSource, {
      store,
      namespace: settings.namespace,
      onStoreError: settings.policy,
      ...(settings.outbox ? { outbox: true } : { marks: { deadline: '4s' } }),
      // Five processes share few cores here: what is late for want of a turn is not what is looked for.
      timeout: { read: '150ms', write: '500ms' },
      near: settings.near,
    })
    this.#sweeper.on('sweep', ({ delivered }) => {
      const write = this.#writing.getStore()
      if (write !== undefined && !delivered) write.pending = true
    })
  }

  async start(): Promise<void> {
    await initialized(this.#dataSource)
    outliveLostConnections(this.#dataSource)
    const writers = Array.from({ length: WRITERS }, () => this.#write())
    const readers = Array.from({ length: READERS }, (_, index) => this.#read(index))
    this.#work = Promise.all([...writers, ...readers])
    setInterval(() => this.#report(), REPORT_EVERY_MS)
  }

  async stop(): Promise<void> {
    this.#stopped = true
    await this.#work
    this.#report()
    tell({ kind: 'stopped' })
  }

  /** Everything once more, and how much of it is kept. */
  async look(): Promise<void> {
    let [hits, misses] = [0, 0]
    const off = [this.#sweeper.on('hit', () => hits++), this.#sweeper.on('miss', () => misses++)]
    for (const reading of READINGS)
      for (let time = 0; time < 60; time++) await this.#readOnce('look', reading)
    for (const end of off) end()
    this.#report()
    tell({ kind: 'looked', hits, misses, heapBytes: process.memoryUsage().heapUsed })
  }

  async touch(): Promise<void> {
    await this.#writeOnce(touch)
  }

  async glance(): Promise<void> {
    await this.#readOnce(`${this.#settings.name}/glance`, glance)
  }

  async #write(): Promise<void> {
    while (!this.#stopped && this.#writings.length > 0) {
      await this.#writeOnce(weighted(this.#dice, this.#writings))
      await delay(this.#dice.between(5, 40))
    }
  }

  async #writeOnce(write: (typeof WRITES)[number]): Promise<void> {
    const by = `${this.#settings.name}.${++this.#writes}`
    const startMs = nowMs()
    const state = { pending: false }
    let failure: string | undefined
    try {
      await this.#writing.run(state, () => write.run(this.#dataSource, this.#dice, by))
    } catch (error) {
      failure = error instanceof Error ? `${error.name}: ${error.message}` : String(error)
    }
    const outcome = failure !== undefined ? 'failed' : state.pending ? 'pending' : 'delivered'
    this.#operations.push({
      kind: 'write',
      by,
      write: write.name,
      startMs,
      endMs: nowMs(),
      outcome,
      ...(failure !== undefined && { failure }),
    })
  }

  async #read(index: number): Promise<void> {
    const reader = `${this.#settings.name}/${index}`
    while (!this.#stopped && this.#readings.length > 0) {
      await this.#readOnce(reader, weighted(this.#dice, this.#readings))
      await delay(this.#dice.between(0, 2))
    }
  }

  async #readOnce(reader: string, reading: (typeof READINGS)[number]): Promise<void> {
    const app: ReadingApp = {
      dataSource: this.#dataSource,
      sweeper: this.#sweeper,
      dice: this.#dice,
      byVersion: this.#byVersion,
    }
    const startMs = nowMs()
    try {
      const sights = await reading.read(app)
      const endMs = nowMs()
      for (const sight of sights)
        this.#operations.push({
          kind: 'read',
          reader,
          reading: reading.name,
          startMs,
          endMs,
          sight,
        })
    } catch (error) {
      // A reading fails as its load does: the database has ended the connection.
      if (!isDatabaseError(error)) throw error
    }
  }

  #report(): void {
    const operations = this.#operations
    this.#operations = []
    tell({ kind: 'operations', upToMs: nowMs(), operations })
  }
}

/** pg tells a client that is in use of its end by an event, between statements; unheard it ends the process. */
function outliveLostConnections({ driver }: DataSource): void {
  // The PostgreSQL driver of TypeORM: its pool.
  const { master } = driver as unknown as { master: Pool }
  const known = new WeakSet<PoolClient>()
  master.on('acquire', (client) => {
    // The pool's own listener, which is there at this moment, is taken away for as long as the client is in use.
    if (!known.has(client)) client.on('error', () => undefined)
    known.add(client)
  })
}

function isDatabaseError(error: unknown): boolean {
  if (error instanceof TypeORMError || error instanceof DatabaseError) return true
  return error instanceof Error && /Connection terminated|ECONNRESET/.test(error.message)
}

function weighted<T extends { readonly weight: number }>(dice: Dice, all: readonly T[]): T {
  let left = dice.between(
    0,
    all.reduce((sum, { weight }) => sum + weight, 0),
  )
  return all.find(({ weight }) => (left -= weight) <= 0) ?? dice.one(all)
}

function tell(report: Report): void {
  process.send?.(report)
}

function failed(error: unknown): void {
  console.error(error)
  process.exit(1)
}

async function run(settings: AppSettings): Promise<void> {
  const app = new CheckedApp(settings, await storeOf(settings))
  const orders: Record<Order, () => Promise<void>> = {
    stop: () => app.stop(),
    look: () => app.look(),
    touch: () => app.touch(),
    glance: () => app.glance(),
  }
  process.on('message', (order: Order) => void orders[order]().catch(failed))
  process.on('disconnect', () => process.exit())
  await app.start()
}

// Set by the checker that has started this process.
run(JSON.parse(process.env['STALE_CHECKER_APP'] ?? '{}') as AppSettings).catch(failed)
