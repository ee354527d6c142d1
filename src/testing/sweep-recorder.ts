import type { On, OnSubject, SweepEvent, Sweeper } from '../index'

/** What a Sweeper has swept since the recording began or was reset. */
export class SweepRecorder {
  readonly #sweeper: Sweeper
  readonly #off: () => void
  #events: readonly SweepEvent[] = []

  /** @internal made by `recordSweeps` */
  constructor(sweeper: Sweeper) {
    this.#sweeper = sweeper
    this.#off = sweeper.on('sweep', (event) => {
      this.#events = [...this.#events, event]
    })
  }

  /** One per unit of work that swept anything, in the order of their commits. */
  get events(): readonly SweepEvent[] {
    return this.#events
  }

  /** Labels such as `Comment:17`, sorted, each once. */
  get records(): readonly string[] {
    return sorted(this.#events.flatMap(({ records }) => records))
  }

  /** Types that were swept as a whole, sorted, each once. */
  get types(): readonly string[] {
    return sorted(this.#events.flatMap(({ types }) => types))
  }

  /** How many units of work swept anything. */
  get count(): number {
    return this.#events.length
  }

  /** Whether this was swept: by itself, or with its whole type. A type was if any record of it was. */
  has(subject: OnSubject): boolean {
    return this.labels(subject).every((label) => this.#hasLabel(label))
  }

  /**
   * What these subjects are called in `records` and `types`.
   *
   * @throws {InvalidSubjectError} SWEEPER_INVALID_SUBJECT for what is no entity of the DataSource
   */
  labels(on: On): readonly string[] {
    return this.#sweeper.labels(on)
  }

  /** Forgets what was recorded. */
  reset(): void {
    this.#events = []
  }

  /** Ends the recording; what was recorded stays. */
  stop(): void {
    this.#off()
  }

  #hasLabel(label: string): boolean {
    const type = label.split(':', 1).join('')
    const isType = type === label
    return this.#events.some(
      ({ records, types }) =>
        types.includes(type) ||
        (isType ? records.some((other) => other.startsWith(`${type}:`)) : records.includes(label)),
    )
  }
}

/**
 * Records what is swept from here on. A write's sweep is recorded when the write has resolved. No round trip.
 *
 * @example
 * const sweeps = recordSweeps(sweeper)
 * await comments.save({ text: 'Nice.', article })
 * expect(sweeps.has(article)).to.equal(true)
 */
export function recordSweeps(sweeper: Sweeper): SweepRecorder {
  return new SweepRecorder(sweeper)
}

function sorted(labels: readonly string[]): readonly string[] {
  return [...new Set(labels)].toSorted()
}
