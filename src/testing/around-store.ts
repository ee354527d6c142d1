import type {
  EntryWrite,
  Store,
  StoreClock,
  StoreOperation,
  StoreReply,
  TokenSweep,
  TokenState,
} from '../index'

/**
 * Does something around every call of another store: what the fault stores are made of, and your own.
 *
 * @example
 * class LoggingStore extends AroundStore {
 *   around<T>(operation: StoreOperation, call: () => Promise<T>): Promise<T> {
 *     console.log(operation)
 *     return call()
 *   }
 * }
 */
export abstract class AroundStore implements Store {
  readonly name: string
  readonly hashTags: readonly string[] | undefined
  readonly store: Store

  constructor(store: Store) {
    this.name = store.name
    this.hashTags = store.hashTags
    this.store = store
  }

  /**
   * Called for every operation, in place of the other store.
   *
   * @param call asks the other store; what it is not called for never gets there
   */
  abstract around<T>(operation: StoreOperation, call: () => Promise<T>): Promise<T>

  /** Under which key the other store has it. */
  keyOf(key: string): string {
    return key
  }

  #keysOf(keys: readonly string[]): readonly string[] {
    return keys.map((key) => this.keyOf(key))
  }

  read(tokenKeys: readonly string[], entryKeys: readonly string[]): Promise<StoreReply> {
    return this.around('read', () => this.store.read(this.#keysOf(tokenKeys), entryKeys))
  }

  mint(tokenKeys: readonly string[], lifeMs: number): Promise<readonly TokenState[]> {
    return this.around('mint', () => this.store.mint(this.#keysOf(tokenKeys), lifeMs))
  }

  write(entries: readonly EntryWrite[]): Promise<void> {
    const written = entries.map((entry) => ({ ...entry, tokenKeys: this.#keysOf(entry.tokenKeys) }))
    return this.around('write', () => this.store.write(written))
  }

  remove(entryKeys: readonly string[]): Promise<void> {
    return this.around('remove', () => this.store.remove(entryKeys))
  }

  mark(
    tokenKeys: readonly string[],
    owner: string,
    lastsMs: number,
  ): Promise<readonly (TokenState | undefined)[]> {
    return this.around('mark', () => this.store.mark(this.#keysOf(tokenKeys), owner, lastsMs))
  }

  unmark(tokenKeys: readonly string[], owner: string): Promise<void> {
    return this.around('unmark', () => this.store.unmark(this.#keysOf(tokenKeys), owner))
  }

  sweep(
    sweeps: readonly TokenSweep[],
    owner?: string,
  ): Promise<readonly (TokenState | undefined)[]> {
    const swept = sweeps.map(({ key, row }) => ({ key: this.keyOf(key), row }))
    return this.around('sweep', () => this.store.sweep(swept, owner))
  }

  onConnected(listener: () => void): () => void {
    return this.store.onConnected?.(listener) ?? (() => undefined)
  }

  clock(): StoreClock | undefined {
    return this.store.clock()
  }

  close(): Promise<void> {
    return this.store.close()
  }
}
