import type { QueryRunner } from 'typeorm'

interface Activity {
  running: number
  busySinceMs: number
  isIdle: boolean
}

/**
 * When the query that brought an instance began. `afterLoad` comes when the result is there; by then another
 * process may have written. So the start of what the runner is busy with is kept: of the oldest query that may still
 * be the one. A find may send several (relations loaded by queries of their own, typeorm's
 * `relationLoadStrategy: 'query'`), and on a runner that everyone shares the results of several finds may arrive
 * out of turn; all of them follow each other without the event loop turning in between.
 */
export class QueryClock {
  readonly #activities = new WeakMap<QueryRunner, Activity>()

  started(runner: QueryRunner): void {
    const activity = this.#activities.get(runner)
    if (activity === undefined) {
      this.#activities.set(runner, { running: 1, busySinceMs: Date.now(), isIdle: false })
      return
    }
    if (activity.isIdle) {
      activity.busySinceMs = Date.now()
      activity.isIdle = false
    }
    activity.running++
  }

  ended(runner: QueryRunner): void {
    const activity = this.#activities.get(runner)
    if (activity === undefined || activity.running === 0) return
    activity.running--
    if (activity.running > 0) return
    setImmediate(() => {
      if (activity.running === 0) activity.isIdle = true
    })
  }

  /** Milliseconds of this process's clock; undefined in a transaction, whose reads may be of an older state. */
  loadedAt(runner: QueryRunner): number | undefined {
    return runner.isTransactionActive ? undefined : this.#activities.get(runner)?.busySinceMs
  }
}
