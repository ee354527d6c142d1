import { StoreUnavailableError } from '../core/errors'
import { parseDuration, type Duration } from '../core/duration'
import type { LoadFlight } from '../core/single-flight'
import type { TokenState } from '../store/token'
import type { Subject } from '../core/subject'
import { pinOf, type Pin, type Pins } from '../version/pins'
import { tokensOf, type Fragment } from './fragment'
import type { SeenToken } from './found'

/** What a factory is given. */
export interface FactoryContext<On> {
  /** Aborted when nobody waits for the value any more. */
  readonly signal: AbortSignal
  /**
   * Makes the value depend on another subject. Its tokens are pinned at once, so call it, and wait for it,
   * before loading that subject.
   *
   * @example
   * factory: async ({ dependsOn }) => {
   *   await dependsOn(record(Author, article.authorId))
   *   return render(article, await loadAuthor(article.authorId))
   * }
   */
  dependsOn(on: On): Promise<void>
  /** Sets the life of this value. */
  ttl(duration: Duration): void
  /** Serves the value and stores nothing. */
  skip(): void
}

/** Subjects that a value came to depend on, with the tokens they had before. */
export interface Added {
  readonly subjects: readonly Subject[]
  readonly pin: Pin
}

/** Tokens that a hit was compared with: there is no instance to doubt behind them any more. */
export function addedTokens(seen: readonly SeenToken[]): Added {
  const tokens = seen.map(({ token }) => token)
  const states = seen.map(({ state }) => state)
  const subject = {
    tag: '',
    label: '',
    tokens,
    attribute: undefined,
    instance: undefined,
    ttlMs: undefined,
  }
  return { subjects: [subject], pin: pinOf(tokens, states) }
}

/** Equal to no tokens. */
export const UNPINNED: Pin = { states: [], stamps: [], marked: true, seen: '' }

/** What a load has found out about its own value, beside the value. */
export class Load<On> implements FactoryContext<On> {
  readonly #fragment: Fragment
  readonly #flight: LoadFlight
  readonly #resolve: (on: On) => readonly Subject[] | undefined
  readonly #pins: Pins
  readonly #lifeMs: number
  readonly #added: Added[] = []
  #ttlMs: number
  #isSkipped = false
  #isDeclined = false

  constructor(
    fragment: Fragment,
    flight: LoadFlight,
    pins: Pins,
    lifeMs: number,
    resolve: (on: On) => readonly Subject[] | undefined,
  ) {
    this.#fragment = fragment
    this.#flight = flight
    this.#pins = pins
    this.#lifeMs = lifeMs
    this.#resolve = resolve
    this.#ttlMs = fragment.ttlMs
    // Factories take their context apart: `({ dependsOn }) => ...`
    this.dependsOn = this.dependsOn.bind(this)
    this.ttl = this.ttl.bind(this)
    this.skip = this.skip.bind(this)
  }

  get signal(): AbortSignal {
    return this.#flight.signal
  }

  async dependsOn(on: On): Promise<void> {
    const subjects = this.#resolve(on)
    if (this.#isSkipped || subjects === undefined) return this.unpin()
    try {
      this.#added.push({ subjects, pin: await this.#pins.pin(tokensOf(subjects), this.#lifeMs) })
    } catch (error) {
      if (!(error instanceof StoreUnavailableError)) throw error
      this.unpin()
    }
  }

  /** It depends on something whose tokens from before are not known: it can be served to who asked, and not be kept. */
  unpin(): void {
    this.#isSkipped = true
    this.#added.push({ subjects: [], pin: UNPINNED })
  }

  /** Makes this value depend on all that one depends on which becomes a part of it. */
  include(added: readonly Added[], isSkipped: boolean): void {
    this.#added.push(...added)
    this.#isSkipped ||= isSkipped
  }

  ttl(duration: Duration): void {
    this.#ttlMs = parseDuration(duration, `getOrSet "${this.#fragment.name}": ttl`)
  }

  skip(): void {
    this.#isSkipped = true
    this.#isDeclined = true
  }

  /** What is not going to be stored need not be asked of the store either. */
  keepNothing(): void {
    this.#isSkipped = true
  }

  isPinnedBy(pins: Pins): boolean {
    return this.#pins === pins
  }

  get ttlMs(): number {
    return this.#ttlMs
  }

  get isSkipped(): boolean {
    return this.#isSkipped
  }

  /** Whether the factory itself wants nothing stored. */
  get isDeclined(): boolean {
    return this.#isDeclined
  }

  get added(): readonly Added[] {
    return this.#added
  }

  /** The pinned state of a token of an added subject. */
  addedState(key: string): TokenState | undefined {
    for (const { subjects, pin } of this.#added) {
      const at = tokensOf(subjects).findIndex((token) => token.key === key)
      if (at >= 0) return pin.states[at]
    }
    return undefined
  }
}
