import { OUTSIDE } from '../../../src/cache/transaction-view'
import { Events } from '../../../src/core/events'
import type { SweeperEvents } from '../../../src/core/sweeper-events'
import { MemoryStore } from '../../../src/store/memory-store'
import { TokenReader } from '../../../src/version/token-reader'
import { ManualClock } from '../manual-clock'
import { ForgettingStore } from '../stores'
import { type Bug, NO_BUG } from './bug'
import { type Content, ModelDatabase } from './model-database'
import { ModelProcess } from './model-process'
import { DEADLINE_MS, writeIn, type Writing } from './model-writer'
import { PROCESSES, RECORDS, type Step } from './schedule'
import { TokenWatch } from './token-watch'
import { TurnStore } from './turn-store'
import { settled, Turns } from './turns'

/** A look, tokens made where there are none, the load in two, the fill: each a turn or two. */
const TURNS_OF_READ = { 'to its end': 8, 'half-way': 3, 'not yet': 0 } as const
/** The statement, the mark and its answer, COMMIT and its answer, the sweep and its answer. */
const TURNS_OF_WRITE = { 'to its end': 7, 'half-way': 3, 'not yet': 0 } as const

/**
 * A database, a store that loses things, and processes that read and write, all of them on the library's own code.
 * What is wrong is thrown by `play`.
 */
export class World {
  readonly #clock = new ManualClock()
  readonly #turns = new Turns()
  readonly #database = new ModelDatabase()
  readonly #memory = new ForgettingStore(new MemoryStore({ clock: this.#clock }))
  readonly #store: TurnStore
  readonly #processes: readonly ModelProcess[]
  readonly #bug: Bug
  readonly #running: Promise<void>[] = []
  readonly #losses = new Map<string, number>()
  readonly #writing: Writing
  #failure: Error | undefined
  #units = 0

  constructor(bug: Bug = NO_BUG) {
    this.#bug = bug
    this.#writing = {
      turns: this.#turns,
      database: this.#database,
      clock: this.#clock,
      bug,
      lossesOf: (record) => this.#losses.get(record) ?? 0,
    }
    const store = bug.store(this.#memory)
    const watch = new TokenWatch((error) => this.#fail(error))
    this.#store = new TurnStore(store, this.#turns, this.#clock, watch)
    this.#processes = Array.from({ length: PROCESSES }, () => this.#startProcess())
  }

  /** Plays a schedule to its end. Rejects with the first thing that is wrong. */
  async play(steps: readonly Step[]): Promise<void> {
    for (const step of steps) {
      await this.#take(step)
      await settled()
      this.#throwFailure()
    }
    await this.#expectQuiet()
    this.#throwFailure()
  }

  #startProcess(): ModelProcess {
    const events = new Events<SweeperEvents>()
    const reader = new TokenReader(this.#store)
    const pins = this.#bug.pins(reader, this.#store)
    const fail = (error: unknown): void => this.#fail(error)
    return new ModelProcess({
      store: this.#store,
      reader,
      pins,
      filling: this.#bug.filling({ store: this.#store, reader, events, fail }),
      flights: this.#bug.flights(),
      events,
      now: () => this.#clock.now(),
    })
  }

  async #take(step: Step): Promise<void> {
    switch (step.kind) {
      case 'turns':
        this.#clock.advance(step.ms)
        return this.#turns.giveSeveral(step.number, step.times)
      case 'all-turns':
        return this.#turns.finish()
      case 'quiet':
        return this.#expectQuiet()
      case 'read':
        this.#start(this.#read(this.#process(step.process), step.record))
        return this.#turns.giveSeveral(0, TURNS_OF_READ[step.drive])
      case 'read-old-snapshot':
        return this.#start(this.#readOldSnapshot(this.#process(step.process), step.record))
      case 'write':
        this.#clock.advance(step.ms)
        this.#start(writeIn(this.#writing, this.#process(step.process), step))
        return this.#turns.giveSeveral(0, TURNS_OF_WRITE[step.drive])
      case 'evict':
        return this.#lose([step.record])
      case 'flush':
        return this.#lose(RECORDS)
      case 'resend':
        return this.#store.resend(step.number)
    }
  }

  #start(work: Promise<void>): void {
    this.#running.push(work.catch((error: unknown) => this.#fail(error)))
  }

  #lose(records: readonly string[]): void {
    for (const record of records) this.#losses.set(record, this.#writing.lossesOf(record) + 1)
    this.#memory.forget(...records)
  }

  /** A page is rendered. */
  async #read(process: ModelProcess, record: string): Promise<void> {
    const expected = this.#database.acknowledged(record)
    const content = await process.read(record, () => this.#load(record))
    const missed = expected.filter((write) => !content.includes(write))
    if (missed.length > 0)
      throw new Error(`stale: a read of ${record} lacks ${missed.join()}, acknowledged before it`)
    this.#expectCommitted(record, content)
  }

  async #load(record: string): Promise<Content> {
    await this.#turns.wait()
    const content = this.#database.read(record)
    await this.#turns.wait()
    return content
  }

  /** In a transaction whose snapshot is older than what it finds in the cache. Its own value may be old, no one else's. */
  async #readOldSnapshot(process: ModelProcess, record: string): Promise<void> {
    const snapshot = this.#database.read(record)
    const name = `t${this.#units++}`
    await this.#turns.wait()
    await process.read(
      record,
      async () => {
        await this.#turns.wait()
        return snapshot
      },
      this.#bug.storesInTransactions ? OUTSIDE : { isOpen: true, hasWritten: false, name },
    )
  }

  #expectCommitted(record: string, content: Content): void {
    const wrong = content.filter((write) => !this.#database.isCommitted(write))
    if (wrong.length > 0)
      throw new Error(`not committed: ${record} was served with ${wrong.join()}`)
  }

  async #expectQuiet(): Promise<void> {
    await this.#turns.finish()
    await Promise.all(this.#running.splice(0))
    this.#clock.advance(DEADLINE_MS)
    for (const process of this.#processes)
      for (const record of RECORDS) {
        const looking = process.cached(record)
        await this.#turns.finish()
        const content = await looking
        const wanted = this.#database.read(record)
        if (content !== undefined && content.join() !== wanted.join())
          this.#fail(
            new Error(`stale for good: ${record} is [${content.join()}], not [${wanted.join()}]`),
          )
      }
  }

  #process(number: number): ModelProcess {
    const found = this.#processes[number]
    if (found === undefined) throw new Error(`model: there is no process ${number}`)
    return found
  }

  #fail(error: unknown): void {
    this.#failure ??= error instanceof Error ? error : new Error(String(error))
  }

  #throwFailure(): void {
    if (this.#failure !== undefined) throw this.#failure
  }
}
