import type { Sight } from './sight'
import type { Registers, State } from './registers'

/** A row as a value shows it; 0 where it shows none, or one that has no number. */
export interface Shown {
  readonly sight: Sight
  readonly register: string
  readonly seen: number
}

/**
 * Tells what was not swept apart from what was swept and is stale all the same.
 *
 * Without marks nobody knows of a write before its sweep: another one to a row that it has just moved sweeps where that
 * row belongs to now, not where it was, or the other way round. So a value may be older than an acknowledged write to one
 * of its rows, for as long as the move that took the row out of it, or brought it in, is not swept itself.
 */
export class Unswept {
  readonly #registers: Registers
  readonly #isSwept: (write: string) => boolean

  /** @param isSwept whether a write, named by who made it, has been swept */
  constructor(registers: Registers, isSwept: (write: string) => boolean) {
    this.#registers = registers
    this.#isSwept = isSwept
  }

  /** Whether no write that would have swept the value was swept itself. */
  explains(shown: Shown): boolean {
    const { sight, register, seen } = shown
    const state = this.#registers.of(register).states.get(seen)
    if (state === undefined) return this.#hasChangedUnswept(shown)
    const lists = state.lists.filter((list) => sight.lists.includes(list))
    if (lists.length > 0) return lists.every((list) => this.#isUnsweptIn(list, state))
    // It stands in the value by way of another row.
    return (
      state.lists.some((list) => this.#hasLeft(list, state)) ||
      this.#between(state, sight).some((one) => this.#hasMoved(one, sight.lists))
    )
  }

  /** Whether none was swept of the writes after this state, up to the one that takes the row out of the list. */
  #isUnsweptIn(list: string, { register, n }: State): boolean {
    for (const later of this.#registers.of(register).since(n)) {
      if (this.#isSwept(later.by)) return false
      if (!later.lists.includes(list)) return true
    }
    return true
  }

  #hasLeft(list: string, state: State): boolean {
    const later = this.#registers.of(state.register).since(state.n)
    return later.some(({ lists }) => !lists.includes(list)) && this.#isUnsweptIn(list, state)
  }

  #hasMoved(state: State, lists: readonly string[]): boolean {
    if (!this.#isSwept(state.by)) return true
    return state.lists.some((list) => lists.includes(list) && this.#hasLeft(list, state))
  }

  /** A row that the value lacks, or a link that it has: whether what brought it in, or took it out, was not swept. */
  #hasChangedUnswept({ sight, register }: Shown): boolean {
    const states = this.#registers.of(register).since(0).toReversed()
    const [last] = states
    return sight.lists.every((list) => {
      const stands = last?.lists.includes(list)
      const since = states.findIndex(({ lists }) => lists.includes(list) !== stands)
      return states.slice(0, since < 0 ? undefined : since).every(({ by }) => !this.#isSwept(by))
    })
  }

  /** The comment between a vote and an article as it was seen; the newest state of a link between an article and a tag. */
  #between({ register, lists }: State, sight: Sight): readonly State[] {
    const comments = lists.map((list) => list.replace(/^votes-of:/, 'c:'))
    const tag = register.replace(/^t:/, '')
    return sight.rows.flatMap(([name, n]) => {
      const { states, last } = this.#registers.of(name)
      if (comments.includes(name)) return states.get(n) ?? []
      return name.startsWith('l:') && name.endsWith(`:${tag}`) ? (states.get(last) ?? []) : []
    })
  }
}
