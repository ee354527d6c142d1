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
  readonly #halves = {
    whole: new Map<string, ExplainedWrite>(),
    row: new Map<string, ExplainedWrite>(),
  }

  /** @param capacity how many tokens are remembered */
  constructor(capacity: number, now: () => number = Date.now) {
    this.capacity = capacity
    this.#now = now
    this.since = new Date(now())
  }

  note(moves: Iterable<Move>, delivered: boolean): void {
    const at = new Date(this.#now())
    for (const { key, row, cause } of moves) {
      const write = { ...cause, at, delivered }
      this.#put('whole', key, write)
      if (row) this.#put('row', key, write)
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

  #put(half: 'whole' | 'row', key: string, write: ExplainedWrite): void {
    const writes = this.#halves[half]
    // Deleted first, so that the first key is that of the eldest write.
    writes.delete(key)
    writes.set(key, write)
    const [eldest] = writes.keys()
    if (writes.size > this.capacity && eldest !== undefined) writes.delete(eldest)
  }
}
