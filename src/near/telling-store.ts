import { typeCopies } from '../core/hash-tags'
import type { EntryWrite, Store, StoreClock, StoreReply, TokenSweep } from '../store/store'
import type { TokenState } from '../store/token'

/**
 * Tells of this process's own marks and sweeps before whoever made them goes on: pushes may come later than that. Of the
 * token of a type it tells all copies, where there are any: what was read depends on one of them.
 */
export class TellingStore implements Store {
  readonly name: string
  readonly hashTags: readonly string[] | undefined
  readonly #store: Store
  readonly #moved: (tokenKeys: readonly string[]) => void

  constructor(store: Store, moved: (tokenKeys: readonly string[]) => void) {
    this.name = store.name
    this.hashTags = store.hashTags
    this.#store = store
    this.#moved = moved
  }

  read(tokenKeys: readonly string[], entryKeys: readonly string[]): Promise<StoreReply> {
    return this.#store.read(tokenKeys, entryKeys)
  }

  mint(tokenKeys: readonly string[], lifeMs: number): Promise<readonly TokenState[]> {
    return this.#store.mint(tokenKeys, lifeMs)
  }

  write(entries: readonly EntryWrite[]): Promise<void> {
    return this.#store.write(entries)
  }

  remove(entryKeys: readonly string[]): Promise<void> {
    return this.#store.remove(entryKeys)
  }

  async mark(
    tokenKeys: readonly string[],
    owner: string,
    lastsMs: number,
  ): Promise<readonly (TokenState | undefined)[]> {
    try {
      return await this.#store.mark(tokenKeys, owner, lastsMs)
    } finally {
      this.#tell(tokenKeys)
    }
  }

  unmark(tokenKeys: readonly string[], owner: string): Promise<void> {
    return this.#store.unmark(tokenKeys, owner)
  }

  async sweep(
    sweeps: readonly TokenSweep[],
    owner?: string,
  ): Promise<readonly (TokenState | undefined)[]> {
    try {
      return await this.#store.sweep(sweeps, owner)
    } finally {
      this.#tell(sweeps.map(({ key }) => key))
    }
  }

  onConnected(listener: () => void): () => void {
    return this.#store.onConnected?.(listener) ?? (() => undefined)
  }

  clock(): StoreClock | undefined {
    return this.#store.clock()
  }

  close(): Promise<void> {
    return this.#store.close()
  }

  #tell(keys: readonly string[]): void {
    const { hashTags } = this
    if (hashTags === undefined) return this.#moved(keys)
    this.#moved(keys.flatMap((key) => typeCopies(key, hashTags) ?? [key]))
  }
}
