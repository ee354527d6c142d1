/** Where the time comes from, so that tests can say what time it is. Milliseconds since 1970. */
export interface Clock {
  now(): number
}

/** The clock of this machine. */
export const systemClock: Clock = { now: () => Date.now() }
