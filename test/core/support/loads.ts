import { expect } from 'chai'
import { SingleFlight } from '../../../src/core/single-flight'

/** A load that ends when the test says so. */
export class Gate<T> {
  readonly promise: Promise<T>
  #resolve: (value: T) => void = () => undefined
  #reject: (error: Error) => void = () => undefined

  constructor() {
    this.promise = new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
  }

  open(value: T): void {
    this.#resolve(value)
  }

  fail(error: Error): void {
    this.#reject(error)
  }
}

export const PATIENT = { timeoutMs: Number.POSITIVE_INFINITY }
export const HASTY = { timeoutMs: 10 }

export async function settled(promise: Promise<unknown>): Promise<unknown> {
  return promise.catch((error: unknown) => error)
}

/** Timers of one duration fire in the order they were made, so by then everybody who waits by now has left. */
export async function whenTheHastyHaveLeft(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, HASTY.timeoutMs))
}

export async function microtasks(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve))
}

/** What a test of flights works with, made anew for each. */
export interface Airport {
  flights: SingleFlight
  /** The loads that have begun, in their order. */
  loads: string[]
}

/** Gives each test of the suite its own flights, and sees that they remember no load that has ended. */
export function airport(): Airport {
  const made: Airport = { flights: new SingleFlight(), loads: [] }
  beforeEach(() => {
    made.flights = new SingleFlight()
    made.loads = []
  })
  afterEach('remembers no load that has ended', () => {
    expect(made.flights.size).to.equal(0)
  })
  return made
}

/** A load that notes its begin and ends with the gate. */
export function loading<T>({ loads }: Airport, label: string, gate: Gate<T>): () => Promise<T> {
  return async () => {
    loads.push(label)
    return gate.promise
  }
}
