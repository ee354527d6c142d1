import { inspect } from 'node:util'
import type { Sweeper } from '../../src/index'
import type { SweeperEvents } from '../../src/core/sweeper-events'

const EVENTS: Readonly<Record<keyof SweeperEvents, true>> = {
  hit: true,
  miss: true,
  fill: true,
  unproven: true,
  sweep: true,
  'sweep-pending': true,
  'outbox-delivery': true,
  'store-error': true,
  circuit: true,
  'type-sweep': true,
  'bulk-progress': true,
  shadow: true,
}

const CONSOLE = ['log', 'info', 'warn', 'error', 'debug'] as const

/** Everything that a library may say beside its results: events, process warnings, what it logs and prints. */
export class Overheard {
  readonly #said: unknown[] = []
  readonly #console = CONSOLE.map((name) => [name, console[name]] as const)

  constructor() {
    process.on('warning', this.hear)
    for (const name of CONSOLE) console[name] = this.hear
  }

  /** The logger to give to a Sweeper. */
  readonly logger = { log: (...said: unknown[]): void => this.hear(...said) }

  readonly hear = (...said: unknown[]): void => void this.#said.push(...said)

  listenTo(sweeper: Sweeper): void {
    for (const name of Object.keys(EVENTS) as (keyof SweeperEvents)[])
      sweeper.on(name, (payload) => this.hear({ name, payload }))
  }

  /** All of it as text, hidden properties included. */
  get text(): string {
    return inspect(this.#said, { depth: Infinity, showHidden: true, maxStringLength: Infinity })
  }

  stop(): void {
    process.off('warning', this.hear)
    for (const [name, original] of this.#console) console[name] = original
  }
}
