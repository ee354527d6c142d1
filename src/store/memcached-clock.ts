import { StoreUnavailableError } from '../core/errors'
import { answered, type MemcachedClient } from './memcached-client'
import { ServerClock } from './server-clock'
import type { StoreClock } from './store'

/**
 * `stats` tells whole seconds, counted once in a second of the server's own: what it says is up to two seconds old. Half
 * of that is the error, and a quarter of a second for a server that is late.
 */
const MIDDLE_MS = 1_000
const ERROR_MS = 1_250

/** By then the drift of two clocks amounts to 6 ms. */
const OLD_MS = 60_000

/** The clock that all processes share: the servers'. Theirs have to agree within a second. */
export class MemcachedClock {
  readonly #client: MemcachedClient
  readonly #clock = new ServerClock()
  #asking: Promise<void> | undefined

  constructor(client: MemcachedClient) {
    this.#client = client
  }

  /** Undefined until it was asked for once. */
  known(): StoreClock | undefined {
    const known = this.#clock.read()
    // Whoever needs it notices by a command of its own; the clock goes on ageing.
    if (known === undefined || this.#clock.ageMs > OLD_MS) this.#ask().catch(() => undefined)
    return known
  }

  /** 1 round trip if it is not known yet. */
  async read(operation: string): Promise<StoreClock> {
    const known = this.known()
    if (known !== undefined) return known
    await this.#ask()
    const asked = this.#clock.read()
    if (asked === undefined)
      throw new StoreUnavailableError('memcached', operation, 'clock-unknown')
    return asked
  }

  #ask(): Promise<void> {
    this.#asking ??= this.#learn().finally(() => {
      this.#asking = undefined
    })
    return this.#asking
  }

  async #learn(): Promise<void> {
    const sentAtMs = Date.now()
    const stats = await answered<object[]>('stats', (done) => this.#client.stats(done))
    const receivedAtMs = Date.now()
    for (const node of stats) {
      const time: unknown = 'time' in node ? node.time : undefined
      if (typeof time === 'number')
        this.#clock.learn(time * 1000 + MIDDLE_MS, sentAtMs - ERROR_MS, receivedAtMs + ERROR_MS)
    }
  }
}
