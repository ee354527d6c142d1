/** Everything that is on its way, each waiting for its turn: the schedule says whose is next. */
export class Turns {
  readonly #waiting: (() => void)[] = []

  get size(): number {
    return this.#waiting.length
  }

  /** Waits for its turn. */
  wait(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve))
  }

  /** Gives one its turn, and lets everything happen that follows from it alone. The newest is number 0. */
  async give(number: number): Promise<void> {
    const { length } = this.#waiting
    const [go] = this.#waiting.splice(length - 1 - (number % Math.max(length, 1)), 1)
    go?.()
    await settled()
  }

  /** Gives several turns to one: whoever has had a turn and waits for the next one is the newest. */
  async giveSeveral(number: number, times: number): Promise<void> {
    await settled()
    for (let given = 0; given < times; given++) await this.give(given === 0 ? number : 0)
  }

  /** Gives all their turns, and those who come meanwhile, until nothing is left. */
  async finish(): Promise<void> {
    await settled()
    while (this.#waiting.length > 0) await this.give(0)
  }
}

/** Promises and ticks that wait for nothing but each other have run. */
export function settled(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve)
  })
}
