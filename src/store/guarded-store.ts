import type { Clock } from '../core/clock'
import { isSweeperError, StoreUnavailableError, type SweeperError } from '../core/errors'
import { Circuit, type CircuitState, type Passage } from './circuit'
import { Deadlines } from './deadlines'
import { unavailable } from './failure-reason'
import type { EntryWrite, Store, StoreClock, StoreReply, TokenSweep } from './store'
import type { TokenState } from './token'

/** What a store is asked to do, by the names of its methods. */
export type StoreOperation = 'read' | 'mint' | 'write' | 'remove' | 'mark' | 'unmark' | 'sweep'

/** A call that failed, was too late, or was not made because the circuit was open. */
export interface StoreFailure {
  readonly operation: StoreOperation
  readonly error: SweeperError
  readonly durationMs: number
}

export interface GuardedStoreOptions {
  /** How long `read` and `mint` may take; readers wait for them. `Infinity` for no bound. */
  readonly readMs: number
  /** How long every other method may take. */
  readonly writeMs: number
  /** For durations and the circuit's pauses. @default a clock that nobody sets */
  readonly clock?: Clock
  /** Told of every failure, whoever catches it. */
  readonly onError?: (failure: StoreFailure) => void
  /** Told when the store is asked no more (`open`), is tried by one call (`half-open`), and answers again (`closed`). */
  readonly onCircuit?: (state: CircuitState) => void
}

const UNAVAILABLE: StoreUnavailableError['code'] = 'SWEEPER_STORE_UNAVAILABLE'

const steadyClock: Clock = { now: () => performance.now() }

/**
 * Bounds what another store may take: each call has a deadline, and a store that fails five times in a row is not
 * called for a while (`Circuit`), or until it has connected again. No round trips of its own; one timer for all reads and one for all writes under way.
 *
 * @throws {StoreUnavailableError} SWEEPER_STORE_UNAVAILABLE from every method: `timeout` past the deadline,
 *   `circuit-open` without a call, else what the store rejected with
 * @example
 * new GuardedStore(new RedisStore(client), { readMs: 50, writeMs: 250 })
 */
export class GuardedStore implements Store {
  readonly name: string
  readonly hashTags: readonly string[] | undefined
  readonly #store: Store
  readonly #reads: Deadlines
  readonly #writes: Deadlines
  readonly #clock: Clock
  readonly #circuit: Circuit
  readonly #onError: ((failure: StoreFailure) => void) | undefined

  constructor(
    store: Store,
    { readMs, writeMs, clock = steadyClock, onError, onCircuit }: GuardedStoreOptions,
  ) {
    this.name = store.name
    this.hashTags = store.hashTags
    this.#store = store
    this.#reads = new Deadlines(readMs)
    this.#writes = new Deadlines(writeMs)
    this.#clock = clock
    this.#circuit = new Circuit({
      clock,
      onChange: (state) => told(() => onCircuit?.(state)),
    })
    this.#onError = onError
    this.onConnected(() => this.#circuit.retry())
  }

  read(tokenKeys: readonly string[], entryKeys: readonly string[]): Promise<StoreReply> {
    return this.#guard('read', this.#reads, (store) => store.read(tokenKeys, entryKeys))
  }

  mint(tokenKeys: readonly string[], lifeMs: number): Promise<readonly TokenState[]> {
    return this.#guard('mint', this.#reads, (store) => store.mint(tokenKeys, lifeMs))
  }

  write(entries: readonly EntryWrite[]): Promise<void> {
    return this.#guard('write', this.#writes, (store) => store.write(entries))
  }

  remove(entryKeys: readonly string[]): Promise<void> {
    return this.#guard('remove', this.#writes, (store) => store.remove(entryKeys))
  }

  mark(
    tokenKeys: readonly string[],
    owner: string,
    lastsMs: number,
  ): Promise<readonly (TokenState | undefined)[]> {
    return this.#guard('mark', this.#writes, (store) => store.mark(tokenKeys, owner, lastsMs))
  }

  unmark(tokenKeys: readonly string[], owner: string): Promise<void> {
    return this.#guard('unmark', this.#writes, (store) => store.unmark(tokenKeys, owner))
  }

  sweep(
    sweeps: readonly TokenSweep[],
    owner?: string,
  ): Promise<readonly (TokenState | undefined)[]> {
    return this.#guard('sweep', this.#writes, (store) => store.sweep(sweeps, owner))
  }

  clock(): StoreClock | undefined {
    return this.#store.clock()
  }

  onConnected(listener: () => void): () => void {
    return this.#store.onConnected?.(listener) ?? (() => undefined)
  }

  close(): Promise<void> {
    return this.#store.close()
  }

  /** Not async: of what a read costs beyond its round trip, promises that only pass on another were a large part. */
  #guard<T>(
    operation: StoreOperation,
    deadlines: Deadlines,
    call: (store: Store) => Promise<T>,
  ): Promise<T> {
    const startedAtMs = this.#clock.now()
    const passage = this.#circuit.enter()
    return new Promise((resolve, reject) => {
      const failed = (caught: unknown): void => {
        const error = isSweeperError(caught) ? caught : unavailable(this.name, operation, caught)
        if (passage !== undefined) this.#count(passage, error)
        this.#report({ operation, error, durationMs: this.#clock.now() - startedAtMs })
        reject(error)
      }
      if (passage === undefined) return failed(this.#unavailable(operation, 'circuit-open'))
      const late = (): void => failed(this.#unavailable(operation, 'timeout'))
      const begun = deadlines.begin(late)
      started(call, this.#store).then(
        (result) => {
          if (!deadlines.end(begun)) return
          this.#circuit.succeeded(passage)
          resolve(result)
        },
        (error: unknown) => {
          if (deadlines.end(begun)) failed(error)
        },
      )
    })
  }

  /** A wrong argument says nothing about the store; a reply out of a lost connection, or a no, says that it does answer. */
  #count(passage: Passage, error: SweeperError): void {
    const reason = 'reason' in error ? error.reason : undefined
    if (error.code !== UNAVAILABLE || reason === 'connection-changed' || reason === 'too-large')
      this.#circuit.undecided(passage)
    else this.#circuit.failed(passage)
  }

  #report(failure: StoreFailure): void {
    told(() => this.#onError?.(failure))
  }

  #unavailable(operation: StoreOperation, reason: string): StoreUnavailableError {
    return new StoreUnavailableError(this.name, operation, reason)
  }
}

/** Whether it rejects or throws. */
function started<T>(call: (store: Store) => Promise<T>, store: Store): Promise<T> {
  try {
    return call(store)
  } catch (error) {
    return Promise.reject(error instanceof Error ? error : new Error(String(error)))
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
