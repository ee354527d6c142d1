import { Flight, LEFT } from './flight'

/** What a load is given. */
export type LoadFlight = Pick<Flight, 'signal'>

export interface FlightOptions {
  /** How long a caller waits for someone else's load before loading itself, in milliseconds; `Infinity` for ever. */
  readonly timeoutMs: number
}

interface Call<T> {
  readonly key: string
  readonly name: string
  readonly load: (flight: LoadFlight) => Promise<T>
  readonly timeoutMs: number
}

/** Two, so that those who give a load up together share the next one, and nobody waits for others without bound. */
const MAX_JOINS = 2

/**
 * One load per key at a time in this process, whatever the number of callers.
 *
 * Errors reach every caller, and nothing is remembered once a load has ended.
 * A load that would wait for itself, directly or through others, is an error at once and never a time-out.
 */
export class SingleFlight {
  readonly #running = new Map<string, Flight>()
  readonly #queued = new Map<string, Flight>()
  readonly #live = new Set<Flight>()

  /** How many loads have not ended. */
  get size(): number {
    return this.#live.size
  }

  /**
   * Joins the load that runs under this key, or starts one.
   *
   * A caller who has waited `timeoutMs` for someone else's load gives it up and starts another in its place, for all who
   * come then. Who gives up second joins that one, once: nobody waits for others longer than twice `timeoutMs`.
   * One's own load is waited for without limit.
   *
   * @param key names the value and the state it is loaded in: callers under one key take each other's values
   * @param name what messages call it
   * @throws {RecursiveFactoryError} SWEEPER_RECURSIVE_FACTORY
   */
  async run<T>(
    key: string,
    name: string,
    load: (flight: LoadFlight) => Promise<T>,
    { timeoutMs }: FlightOptions,
  ): Promise<T> {
    return this.#joinOrStart({ key, name, load, timeoutMs }, [], MAX_JOINS)
  }

  /**
   * As `run`, for callers who cannot tell in which state a running load began: nobody gets a value whose load began
   * before they came. One load runs and at most one is queued behind it, for all who come meanwhile.
   */
  async runQueued<T>(
    key: string,
    name: string,
    load: (flight: LoadFlight) => Promise<T>,
    { timeoutMs }: FlightOptions,
  ): Promise<T> {
    const call = { key, name, load, timeoutMs }
    const running = this.#running.get(key)
    if (running === undefined) return this.#start(call)
    const queued = this.#queuedBehind(running, call)
    const value = await queued.wait(timeoutMs)
    // Whatever runs by now in place of these two began after this caller came.
    return value === LEFT
      ? this.#joinOrStart(call, [running, queued], MAX_JOINS - 1)
      : valueOf(value)
  }

  isRunning(key: string): boolean {
    return this.#running.has(key)
  }

  /** Tells every load that its value is not wanted any more, for `close()`; those that have not begun never will. */
  abortAll(reason: Error): void {
    for (const flight of this.#live) flight.abort(reason)
  }

  async #joinOrStart<T>(call: Call<T>, givenUp: readonly Flight[], joins: number): Promise<T> {
    const flight = this.#running.get(call.key)
    const mayJoin = flight !== undefined && !flight.isAborted && !givenUp.includes(flight)
    if (!mayJoin || joins === 0) return this.#start(call)
    const value = await flight.wait(call.timeoutMs)
    return value === LEFT
      ? this.#joinOrStart(call, [...givenUp, flight], joins - 1)
      : valueOf(value)
  }

  async #start<T>(call: Call<T>): Promise<T> {
    const flight = this.#plan(call)
    this.#running.set(call.key, flight)
    flight.go()
    return valueOf(await flight.wait(Number.POSITIVE_INFINITY))
  }

  #queuedBehind(running: Flight, call: Call<unknown>): Flight {
    const queued = this.#queued.get(call.key)
    if (queued !== undefined && !queued.isAborted) return queued
    running.refuseCircle()
    const flight = this.#plan(call)
    this.#queued.set(call.key, flight)
    return flight
  }

  #plan({ key, name, load }: Call<unknown>): Flight {
    const flight = new Flight({
      name,
      load,
      behind: () => this.#running.get(key),
      onSettled: () => this.#ended(key, flight),
    })
    this.#live.add(flight)
    return flight
  }

  #ended(key: string, flight: Flight): void {
    this.#live.delete(flight)
    if (this.#queued.get(key) === flight) this.#queued.delete(key)
    if (this.#running.get(key) === flight) this.#takeTurn(key)
  }

  /** In the same turn of the event loop, so that nobody gets in between. */
  #takeTurn(key: string): void {
    const next = this.#queued.get(key)
    this.#running.delete(key)
    this.#queued.delete(key)
    if (next === undefined) return
    this.#running.set(key, next)
    next.go()
  }
}

function valueOf<T>(value: unknown): T {
  // By the contract of `key`: who shares it, shares the value, and so its type.
  return value as T
}
