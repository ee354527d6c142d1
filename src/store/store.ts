import type { TokenState } from './token'

/** What one read of the store found; arrays are parallel to the keys asked for. */
export interface StoreReply {
  readonly tokens: readonly (TokenState | undefined)[]
  readonly entries: readonly (Buffer | undefined)[]
}

/** One entry to keep. The bytes are opaque to the store. */
export interface EntryWrite {
  readonly key: string
  readonly value: Buffer
  /** Milliseconds until the store may drop it; `Infinity` for never. */
  readonly lifeMs: number
  /** The tokens the entry was made under; a store lets them live at least as long as the entry. */
  readonly tokenKeys: readonly string[]
}

/** One token to replace. */
export interface TokenSweep {
  readonly key: string
  /** True when the record's own row was written: then the row half moves too. */
  readonly row: boolean
}

/** The store's clock as this process knows it: `storeNow = Date.now() + offsetMs`, give or take `errorMs`. */
export interface StoreClock {
  readonly offsetMs: number
  readonly errorMs: number
}

/**
 * The port: where tokens and entries live. Every method is one round trip, whatever the number of keys.
 *
 * Rules every implementation keeps (`itBehavesLikeAStore` of `typeorm-sweeper/store-contract` checks them):
 *
 * - **The store makes the tokens**, as the command runs, from its clock and a nonce: never the caller.
 *   A command that a client library sends twice makes another new token; it can never bring an old one back.
 * - A token is never handed out twice, whatever was evicted, flushed or restarted in between.
 * - A missing token stays missing until `mint`. `sweep` replaces only what exists or is marked.
 * - `mint`, `mark`, `unmark` and `sweep` are atomic per key.
 * - A token answered by another life of the store (restarted, restored, failed over) is another token:
 *   the store's epoch is part of every `TokenState` and so of every comparison.
 * - A reply that belongs to a connection which has since been lost is an error, never an answer.
 * - Methods reject when the server cannot answer; they do not retry and they do not wait without bound
 *   (callers wrap stores in `GuardedStore`, which adds deadline and circuit).
 */
export interface Store {
  /** For messages and events: `memory`, `redis`. */
  readonly name: string

  /**
   * For stores on many servers: what keys are spread over, the same in every process. Each key then has one of these in
   * braces before its own. The token of a type has a copy under each of them, and a key of it without one names all
   * copies: marks and sweeps go to all, `read` and `mint` to the first (`typeCopies` of core/hash-tags.ts).
   * What wraps a store passes this on.
   */
  readonly hashTags?: readonly string[] | undefined

  /** Reads tokens and entries together. */
  read(tokenKeys: readonly string[], entryKeys: readonly string[]): Promise<StoreReply>

  /**
   * Makes the tokens that are missing and answers all of them, in order.
   * A key that is marked is answered marked, and stays as it is.
   *
   * @param lifeMs how long an unmarked token lives if nobody touches it; `Infinity` for never ending
   */
  mint(tokenKeys: readonly string[], lifeMs: number): Promise<readonly TokenState[]>

  /** Stores entries, each over whatever is there. Nothing is compared: an entry carries its tokens. */
  write(entries: readonly EntryWrite[]): Promise<void>

  /** Removes entries. */
  remove(entryKeys: readonly string[]): Promise<void>

  /**
   * Notes that `owner` is about to commit a write to these records. A missing key becomes marked too.
   * While a mark stands nobody serves or stores; when `lastsMs` have passed on the store's clock and its
   * owner has not cleared it, the token under it is over. Marking again moves the owner's deadline, never to an earlier one.
   *
   * @returns what was found under each key, before
   */
  mark(
    tokenKeys: readonly string[],
    owner: string,
    lastsMs: number,
  ): Promise<readonly (TokenState | undefined)[]>

  /**
   * Takes `owner`'s marks away after a rollback; what was under them is valid again,
   * unless another owner's deadline has passed meanwhile (a commit of unknown outcome: the token is over).
   */
  unmark(tokenKeys: readonly string[], owner: string): Promise<void>

  /**
   * Replaces tokens and takes `owner`'s marks away.
   *
   * @returns what was found under each key, before
   */
  sweep(sweeps: readonly TokenSweep[], owner?: string): Promise<readonly (TokenState | undefined)[]>

  /** What is known of the store's clock; undefined while nothing is, then no age can be proved. */
  clock(): StoreClock | undefined

  /**
   * Calls back when the store is reached over another connection than before, before anything is answered over it: what
   * it had acknowledged may be lost, and what it did not take may be sent again. Absent where that cannot happen.
   *
   * @returns ends it
   */
  onConnected?(listener: () => void): () => void

  /** Lets go of listeners and timers. Never closes a client that was handed in. */
  close(): Promise<void>
}
