import { InvalidOptionError, StoreUnavailableError } from '../core/errors'

/** What `gets` answers: the value under its key, and the number that a swap compares. */
export type MemcachedGets = Readonly<Record<string, unknown>> & { readonly cas: string }

type Done<T> = (error: unknown, result: T) => void

/** The part of a client that `MemcachedStore` uses: that of the package `memcached` 2.2 is one. */
export interface MemcachedClient {
  /** All keys of a node in one command, and all nodes at once. */
  getMulti(keys: string[], done: Done<Record<string, unknown>>): void
  gets(key: string, done: Done<MemcachedGets>): void
  set(key: string, value: string, seconds: number, done: Done<boolean>): void
  add(key: string, value: string, seconds: number, done: Done<boolean>): void
  cas(key: string, value: string, cas: string, seconds: number, done: Done<boolean>): void
  del(key: string, done: Done<boolean>): void
  /** Of every node, with its `time` in seconds. */
  stats(done: Done<object[]>): void
  on(event: string, listener: () => void): unknown
  removeListener(event: string, listener: () => void): unknown
}

/** What its package lets people set, and what would bring the past back here. */
interface Settings {
  readonly remove?: unknown
  readonly failOverServers?: unknown
  readonly redundancy?: unknown
}

/**
 * @throws {InvalidOptionError} SWEEPER_INVALID_OPTION for a client that moves keys to another node when theirs is away:
 *   what that node still holds when it comes back was never swept
 */
export function checkMemcached(client: MemcachedClient & Settings): void {
  if (typeof client.cas !== 'function' || typeof client.getMulti !== 'function')
    throw new InvalidOptionError(
      'MemcachedStore: the client has no cas() and getMulti(); give one of the package memcached',
    )
  const moves = (['remove', 'failOverServers', 'redundancy'] as const).find((name) => client[name])
  if (moves !== undefined)
    throw new InvalidOptionError(
      `MemcachedStore: the client has the option ${moves}, by which a node comes back with what was swept elsewhere meanwhile; leave it out`,
    )
}

/** A command with a callback as a promise. Of an error nothing is kept but a word. */
export function answered<T>(operation: string, send: (done: Done<T>) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    send((error, result) => {
      if (error === undefined || error === null) resolve(result)
      else reject(failure(operation, error))
    })
  })
}

export function failure(operation: string, error: unknown): StoreUnavailableError {
  const [first] = Array.isArray(error) ? (error as readonly unknown[]) : [error]
  const text = first instanceof Error ? first.message : typeof first === 'string' ? first : ''
  const word = /\bE[A-Z]{4,}\b/.exec(text)?.[0]
  return new StoreUnavailableError(
    'memcached',
    operation,
    word ?? (/not available|Unable to connect/.test(text) ? 'not-connected' : 'failed'),
  )
}
