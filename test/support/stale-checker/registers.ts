/** A committed state of a row, as the database noted it. */
export interface State {
  readonly n: number
  readonly register: string
  /** The lists it stands in; none when it is gone. */
  readonly lists: readonly string[]
  readonly by: string
}

interface Acknowledged {
  readonly atMs: number
  readonly n: number
}

/** One row through time. */
export class Register {
  readonly states = new Map<number, State>()
  readonly #inOrder: State[] = []
  readonly #acknowledged: Acknowledged[] = []

  add(state: State): void {
    this.states.set(state.n, state)
    let at = this.#inOrder.length
    while (at > 0 && (this.#inOrder[at - 1]?.n ?? 0) > state.n) at--
    this.#inOrder.splice(at, 0, state)
  }

  /** The states after this one, in order. */
  since(n: number): readonly State[] {
    let at = this.#inOrder.length
    while (at > 0 && (this.#inOrder[at - 1]?.n ?? 0) > n) at--
    return this.#inOrder.slice(at)
  }

  acknowledge(n: number, atMs: number): void {
    const list = this.#acknowledged
    let at = list.length
    while (at > 0 && (list[at - 1]?.atMs ?? 0) > atMs) at--
    // Only what is newer than all that was acknowledged before says anything.
    if ((list[at - 1]?.n ?? 0) >= n) return
    let covered = at
    while (covered < list.length && (list[covered]?.n ?? 0) <= n) covered++
    list.splice(at, covered - at, { atMs, n })
  }

  /** The newest state that was acknowledged by then. */
  floor(atMs: number): number {
    const list = this.#acknowledged
    let [low, high] = [0, list.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if ((list[middle]?.atMs ?? 0) <= atMs) low = middle + 1
      else high = middle
    }
    return list[low - 1]?.n ?? 0
  }

  /** When something newer than this was first acknowledged. */
  outdatedAtMs(n: number): number | undefined {
    return this.#acknowledged.find((one) => one.n > n)?.atMs
  }

  /** Whether a state at least this new stands in the list. */
  mayStandIn(list: string, floor: number): boolean {
    return this.#isSomeSince(floor, ({ lists }) => lists.includes(list))
  }

  /** Whether a state at least this new does not. */
  mayBeOutOf(list: string, floor: number): boolean {
    return floor === 0 || this.#isSomeSince(floor, ({ lists }) => !lists.includes(list))
  }

  /** The newest state of all. */
  get last(): number {
    return this.#inOrder.at(-1)?.n ?? 0
  }

  #isSomeSince(n: number, is: (state: State) => boolean): boolean {
    const exact = this.states.get(n)
    if (exact !== undefined && is(exact)) return true
    for (let at = this.#inOrder.length - 1; at >= 0; at--) {
      const state = this.#inOrder[at]
      if (state === undefined || state.n < n) return false
      if (is(state)) return true
    }
    return false
  }
}

/** All rows, and which of them ever stood in a list. */
export class Registers {
  readonly #registers = new Map<string, Register>()
  readonly #lists = new Map<string, Set<string>>()
  readonly #byWriter = new Map<string, State[]>()

  add(state: State): void {
    this.of(state.register).add(state)
    for (const list of state.lists) {
      const members = this.#lists.get(list)
      if (members === undefined) this.#lists.set(list, new Set([state.register]))
      else members.add(state.register)
    }
    const own = this.#byWriter.get(state.by)
    if (own === undefined) this.#byWriter.set(state.by, [state])
    else own.push(state)
  }

  of(name: string): Register {
    let register = this.#registers.get(name)
    if (register === undefined) this.#registers.set(name, (register = new Register()))
    return register
  }

  membersOf(list: string): Iterable<string> {
    return this.#lists.get(list) ?? []
  }

  writtenBy(by: string): readonly State[] {
    return this.#byWriter.get(by) ?? []
  }
}
