import type { Clock } from '../core/clock'
import { isSweeperError, StoreUnavailableError, type SweeperError } from '../core/errors'
import { Circuit, type CircuitState, type Passage } from './circuit'
import { Deadlines } from './deadlines'
import { unavailable } from './failure-reason'
import type { GuardedStoreOptions, StoreOperation } from './guarded-store'
import { Redirection } from './redirection'

/** One server of a cluster, as far as it is guarded. */
export interface GuardedServer {
  readonly isClosed: boolean
  onConnected(listener: () => void): unknown
}

/** Asks one server, unless it is asked no more. */
export type Attempt = <T>(server: GuardedServer, call: () => Promise<T>) => Promise<T>

/** Without guards: every server is asked, and takes what time it takes. */
export const UNGUARDED: Attempt = (_server, call) => call()

interface Guard {
  readonly circuit: Circuit
  /** When a failure was last counted. */
  failedAtMs: number
}

interface Asked {
  readonly guard: Guard
  readonly passage: Passage
  readonly beganAtMs: number
}

const READS: readonly StoreOperation[] = ['read', 'mint']
const ORDER: readonly CircuitState[] = ['closed', 'half-open', 'open']

const steadyClock: Clock = { now: () => performance.now() }

/**
 * Bounds what the servers of a cluster may take, each by itself: one that hangs or is dead costs the others nothing.
 *
 * What is asked for is in parts, one per slot. Each part has the deadline, redirections included; each server has a circuit
 * as `GuardedStore` has one for all. Parts that were under way together fail for one reason, and count once.
 */
export class ClusterGuards {
  readonly #store: string
  readonly #reads: Deadlines
  readonly #writes: Deadlines
  readonly #clock: Clock
  readonly #onError: GuardedStoreOptions['onError']
  readonly #onCircuit: GuardedStoreOptions['onCircuit']
  readonly #guards = new Map<GuardedServer, Guard>()
  #told: CircuitState = 'closed'

  /** `onCircuit` is told of the worst that there is: `closed` when all are. */
  constructor(
    store: string,
    { readMs, writeMs, clock = steadyClock, onError, onCircuit }: GuardedStoreOptions,
  ) {
    this.#store = store
    this.#reads = new Deadlines(readMs)
    this.#writes = new Deadlines(writeMs)
    this.#clock = clock
    this.#onError = onError
    this.#onCircuit = onCircuit
  }

  now(): number {
    return this.#clock.now()
  }

  /** Does one part within the deadline for the operation; what it does after that is ignored. */
  part<T>(operation: StoreOperation, work: (attempt: Attempt) => Promise<T>): Promise<T> {
    const deadlines = READS.includes(operation) ? this.#reads : this.#writes
    const asked = new Set<Asked>()
    return new Promise((resolve, reject) => {
      const begun = deadlines.begin(() => {
        for (const one of asked) this.#failed(one)
        asked.clear()
        reject(this.#unavailable(operation, 'timeout'))
      })
      const attempt: Attempt = (server, call) => this.#attempt(operation, asked, server, call)
      work(attempt).then(
        (result) => {
          if (deadlines.end(begun)) resolve(result)
        },
        (error: unknown) => {
          const isError = error instanceof Error
          if (deadlines.end(begun)) reject(isError ? error : new Error(String(error)))
        },
      )
    })
  }

  /** Tells of what went wrong with a call, whoever catches it. */
  report(operation: StoreOperation, caught: unknown, durationMs: number): void {
    const error = isSweeperError(caught) ? caught : unavailable(this.#store, operation, caught)
    told(() => this.#onError?.({ operation, error, durationMs }))
  }

  async #attempt<T>(
    operation: StoreOperation,
    asked: Set<Asked>,
    server: GuardedServer,
    call: () => Promise<T>,
  ): Promise<T> {
    const guard = this.#guardOf(server)
    const passage = guard.circuit.enter()
    if (passage === undefined) throw this.#unavailable(operation, 'circuit-open')
    const one = { guard, passage, beganAtMs: this.#clock.now() }
    asked.add(one)
    try {
      const result = await call()
      if (asked.delete(one)) guard.circuit.succeeded(passage)
      return result
    } catch (caught) {
      if (asked.delete(one)) this.#count(one, caught)
      throw caught
    }
  }

  /** Who says that another one has the slot answers; so does who says no to what was asked. */
  #count(one: Asked, caught: unknown): void {
    const isFailure = caught instanceof StoreUnavailableError && !(caught instanceof Redirection)
    if (isFailure && caught.reason !== 'connection-changed' && caught.reason !== 'TRYAGAIN')
      this.#failed(one)
    else one.guard.circuit.undecided(one.passage)
  }

  #failed({ guard, passage, beganAtMs }: Asked): void {
    if (passage === 'through' && beganAtMs < guard.failedAtMs) return
    guard.failedAtMs = this.#clock.now()
    guard.circuit.failed(passage)
  }

  #guardOf(server: GuardedServer): Guard {
    const known = this.#guards.get(server)
    if (known !== undefined) return known
    const circuit = new Circuit({ clock: this.#clock, onChange: () => this.#tell() })
    const guard: Guard = { circuit, failedAtMs: -Infinity }
    server.onConnected(() => circuit.retry())
    this.#guards.set(server, guard)
    // It may be there in the place of another one.
    for (const each of this.#guards.keys()) if (each.isClosed) this.#guards.delete(each)
    this.#tell()
    return guard
  }

  #tell(): void {
    const kinds = [...this.#guards.values()].map(({ circuit }) => circuit.kind)
    const worst = ORDER.findLast((kind) => kinds.includes(kind)) ?? 'closed'
    if (worst === this.#told) return
    this.#told = worst
    told(() => this.#onCircuit?.(worst))
  }

  #unavailable(operation: StoreOperation, reason: string): SweeperError {
    return new StoreUnavailableError(this.#store, operation, reason)
  }
}

/** A listener's mistake must not replace what it was told of, nor go unnoticed. */
function told(tell: () => void): void {
  try {
    tell()
  } catch (error) {
    process.emitWarning(error instanceof Error ? error : String(error))
  }
}
