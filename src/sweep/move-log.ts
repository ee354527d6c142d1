import type { ExplainedWrite } from '../core/explanation'
import { allCopiesOf } from '../core/hash-tags'

export interface Move {
  readonly key: string
  readonly row: boolean
  readonly cause: Omit<ExplainedWrite, 'at' | 'delivered'>
}

/** The last write of this process to each token, for those who ask why something was a miss. Forgets the eldest. */
export class MoveLog {
  readonly capacity: number
  readonly since: Date
  readonly #now: () => number
  readonly #halves: Readonly<Record<'whole' | 'row', LastWrites>>

  /** @param capacity how many tokens are remembered */
  constructor(capacity: number, now: () => number = Date.now) {
    this.capacity = capacity
    this.#halves = { whole: new LastWrites(capacity), row: new LastWrites(capacity) }
    this.#now = now
    this.since = new Date(now())
  }

  note(moves: Iterable<Move>, delivered: boolean): void {
    const at = new Date(this.#now())
    for (const { key, row, cause } of moves) {
      const write = { ...cause, at, delivered }
      this.#halves.whole.put(key, write)
      if (row) this.#halves.row.put(key, write)
    }
  }

  /** Whole types were swept, by something that is no write. */
  noteTypes(keys: readonly string[], operation: string, delivered: boolean): void {
    const cause = { record: 'whole types', operation, path: [], relations: [] }
    this.note(
      keys.map((key) => ({ key, row: true, cause })),
      delivered,
    )
  }

  /** The last write that moved this half of a token. */
  lastOf(key: string, half: 'whole' | 'row'): ExplainedWrite | undefined {
    return this.#halves[half].get(allCopiesOf(key))
  }
}

class LastWrites {
  readonly #writes = new Map<string, ExplainedWrite>()
  // One iterator for good, as in LruMap. What it has passed was forgotten, or written again and stands further back.
  #eldest = this.#writes.keys()
  readonly #capacity: number

  constructor(capacity: number) {
    this.#capacity = capacity
  }

  get(key: string): ExplainedWrite | undefined {
    return this.#writes.get(key)
  }

  put(key: string, write: ExplainedWrite): void {
    this.#writes.delete(key)
    this.#writes.set(key, write)
    while (this.#writes.size > this.#capacity) {
      const next = this.#eldest.next()
      if (next.done === true) this.#eldest = this.#writes.keys()
      else this.#writes.delete(next.value)
    }
  }
}
