import type { Events } from '../core/events'
import type { MissReason, SweeperEvents } from '../core/sweeper-events'
import { subjectLabel, type Fragment } from './fragment'

/** Tells of hits and misses, and takes no time for it while nobody listens. */
export class Outcomes {
  readonly #events: Events<SweeperEvents>
  readonly #hits: { readonly isHeard: boolean }
  readonly #misses: { readonly isHeard: boolean }

  constructor(events: Events<SweeperEvents>) {
    this.#events = events
    this.#hits = events.topic('hit')
    this.#misses = events.topic('miss')
  }

  /** For durations: when a look begins. The clock is asked only if somebody is told. */
  begin(): number {
    return this.#hits.isHeard || this.#misses.isHeard ? performance.now() : Number.NaN
  }

  hit(fragment: Fragment, startedMs: number, staleForMs?: number): void {
    if (!this.#hits.isHeard) return
    this.#events.emit('hit', () => ({
      subject: subjectLabel(fragment.subjects),
      key: fragment.name,
      durationMs: since(startedMs),
      ...(staleForMs === undefined ? {} : { staleForMs }),
    }))
  }

  miss(fragment: Fragment, reason: MissReason, startedMs: number): void {
    this.#events.emit('miss', () => ({
      subject: subjectLabel(fragment.subjects),
      key: fragment.name,
      reason,
      durationMs: since(startedMs),
    }))
  }
}

/** Zero for a read that began before anybody listened. */
function since(startedMs: number): number {
  return Number.isNaN(startedMs) ? 0 : performance.now() - startedMs
}
