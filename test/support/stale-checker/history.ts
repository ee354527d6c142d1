import type { DataSource } from 'typeorm'
import type { State } from './registers'

/** A number is drawn before its COMMIT: those that are this much lower than the last may still appear. */
const OPEN = 5_000

/** Reads the states that the database has noted since it was last asked. */
export class History {
  readonly #dataSource: DataSource
  readonly #known = new Set<number>()
  #last = 0

  constructor(dataSource: DataSource) {
    this.#dataSource = dataSource
  }

  async news(): Promise<readonly State[]> {
    const states: State[] = await this.#dataSource.query(
      'SELECT n, register, lists, by FROM check_history WHERE n > $1',
      [this.#last - OPEN],
    )
    const news = states.filter(({ n }) => !this.#known.has(n))
    for (const { n } of news) {
      this.#known.add(n)
      this.#last = Math.max(this.#last, n)
    }
    return news
  }
}
