/** Draws what a random operation is about. */
export class Dice {
  readonly #random: () => number

  constructor(random: () => number) {
    this.#random = random
  }

  /** From 1 to `last`. */
  upTo(last: number): number {
    return 1 + Math.floor(this.#random() * last)
  }

  between(least: number, most: number): number {
    return least + this.#random() * (most - least)
  }

  chance(share: number): boolean {
    return this.#random() < share
  }

  one<T>(of: readonly T[]): T {
    const drawn = of[Math.floor(this.#random() * of.length)]
    if (drawn === undefined) throw new Error('dice: nothing to draw from')
    return drawn
  }

  /** Some different ids, in order. */
  some(count: number, last: number): number[] {
    return [...new Set(Array.from({ length: count }, () => this.upTo(last)))]
  }
}
