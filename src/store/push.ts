/** Told of what happens to tokens, by whomever. Calls are synchronous and must not throw. */
export interface PushListener {
  /** Somebody marked or swept these tokens. */
  moved(tokenKeys: readonly string[]): void
  /** From now on every move is told, until `deaf`. */
  listening(): void
  /** Moves may go untold from now on. Also without a `listening` before it. */
  deaf(): void
}

/** One subscription to the moves of a namespace. */
export interface Push {
  /**
   * Resolves when every move acknowledged before the call has been told. 1 round trip.
   *
   * Rejects when that cannot be known: the connection was lost, or another server answers on it than on the store's.
   */
  fence(): Promise<void>
  /** Ends it; nothing is told any more. */
  close(): void
}

/**
 * A store that tells of moves as they happen: what a near tier needs. A move is told no later than it is
 * acknowledged to its maker, or soon after it; `fence` is what closes that gap.
 */
export interface PushingStore {
  /**
   * Begins to tell a listener of moves.
   *
   * @param namespace what all keys of interest begin with
   */
  listen(namespace: string, listener: PushListener): Push
}
