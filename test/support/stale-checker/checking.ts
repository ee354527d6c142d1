import type { App } from './app'
import type { History } from './history'
import type { Judge } from './judge'
import type { ReadOperation, Report, WriteOperation } from './messages'

/** Brings together what the applications tell and what the database has noted, each read when all it needs is there. */
export class Checking {
  readonly #history: History
  readonly #judge: Judge
  #reads: ReadOperation[] = []
  readonly #writes: WriteOperation[] = []
  readonly looks: ReadOperation[] = []
  readonly writes = new Map<string, number>()
  readonly readings = new Map<string, number>()
  readonly failures = new Map<string, number>()
  slowestWriteMs = 0

  constructor(history: History, judge: Judge) {
    this.#history = history
    this.#judge = judge
  }

  tell(report: Report): void {
    if (report.kind !== 'operations') return
    for (const operation of report.operations) {
      if (operation.kind === 'write') this.#written(operation)
      else if (operation.reader === 'look') this.looks.push(operation)
      else this.#reads.push(operation)
    }
  }

  /** Judges the reads that ended before what all applications have told. */
  async check(apps: readonly App[]): Promise<void> {
    const upToMs = Math.min(...apps.map((app) => app.upToMs))
    const ready = this.#reads.filter(({ endMs }) => endMs <= upToMs)
    this.#reads = this.#reads.filter(({ endMs }) => endMs > upToMs)
    const writes = this.#writes.splice(0)
    for (const state of await this.#history.news()) this.#judge.committed(state)
    for (const write of writes) this.#judge.acknowledged(write)
    for (const read of ready) {
      count(this.readings, read.reading)
      this.#judge.read(read)
    }
    this.#judge.judgeGoneBack(upToMs)
  }

  #written(write: WriteOperation): void {
    this.#writes.push(write)
    count(this.writes, write.outcome)
    this.slowestWriteMs = Math.max(this.slowestWriteMs, write.endMs - write.startMs)
    if (write.failure !== undefined) count(this.failures, write.failure.slice(0, 70))
  }
}

function count(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1)
}
