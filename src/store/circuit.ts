import type { Clock } from '../core/clock'

type State =
  | { readonly kind: 'closed'; readonly failures: number }
  | { readonly kind: 'open'; readonly untilMs: number; readonly pauseMs: number }
  | { readonly kind: 'half-open'; readonly pauseMs: number }

export type CircuitState = State['kind']

/** How a call got past the circuit. Its outcome counts only while the circuit still waits for it. */
export type Passage = 'through' | 'probe'

export interface CircuitOptions {
  readonly clock: Clock
  /** From 0 to 1. @default Math.random */
  readonly random?: () => number
  /** Told of every change of state, after it. */
  readonly onChange?: (kind: CircuitState) => void
}

const MAX_FAILURES = 5
const FIRST_PAUSE_MS = 1_000
const LAST_PAUSE_MS = 30_000

const CLOSED: State = { kind: 'closed', failures: 0 }

/**
 * Stops calling what does not answer: five failures in a row, and nothing passes for a second; then one call probes.
 * Each failed probe doubles the pause, up to thirty seconds. Looks at the clock when asked and has no timer.
 */
export class Circuit {
  readonly #clock: Clock
  readonly #random: () => number
  readonly #onChange: ((kind: CircuitState) => void) | undefined
  #state: State = CLOSED

  constructor({ clock, random = Math.random, onChange }: CircuitOptions) {
    this.#clock = clock
    this.#random = random
    this.#onChange = onChange
  }

  get kind(): CircuitState {
    return this.#state.kind
  }

  /** Undefined while the circuit is open. */
  enter(): Passage | undefined {
    const state = this.#state
    switch (state.kind) {
      case 'closed':
        return 'through'
      case 'half-open':
        return undefined
      case 'open':
        if (this.#clock.now() < state.untilMs) return undefined
        this.#become({ kind: 'half-open', pauseMs: state.pauseMs })
        return 'probe'
    }
  }

  /** There is reason to believe that the other side answers again: the next call may probe at once. */
  retry(): void {
    if (this.#state.kind === 'open') this.#state = { ...this.#state, untilMs: this.#clock.now() }
  }

  succeeded(passage: Passage): void {
    if (this.#awaits(passage)) this.#become(CLOSED)
  }

  failed(passage: Passage): void {
    const state = this.#state
    if (!this.#awaits(passage)) return
    if (state.kind === 'half-open') this.#open(Math.min(state.pauseMs * 2, LAST_PAUSE_MS))
    else if (state.kind === 'closed') this.#countFailure(state.failures + 1)
  }

  /** The call says nothing about whether the other side answers: the next one may probe at once. */
  undecided(passage: Passage): void {
    const state = this.#state
    if (state.kind === 'half-open' && passage === 'probe')
      this.#become({ kind: 'open', untilMs: this.#clock.now(), pauseMs: state.pauseMs })
  }

  #awaits(passage: Passage): boolean {
    return this.#state.kind === (passage === 'probe' ? 'half-open' : 'closed')
  }

  #countFailure(failures: number): void {
    if (failures < MAX_FAILURES) this.#become({ kind: 'closed', failures })
    else this.#open(FIRST_PAUSE_MS)
  }

  /** A part of the pause is chance, so that many processes do not probe at the same moment. */
  #open(pauseMs: number): void {
    const untilMs = this.#clock.now() + pauseMs * (0.75 + 0.25 * this.#random())
    this.#become({ kind: 'open', untilMs, pauseMs })
  }

  #become(state: State): void {
    const before = this.#state.kind
    this.#state = state
    if (state.kind !== before) this.#onChange?.(state.kind)
  }
}
