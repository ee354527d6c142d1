import { StoreUnavailableError } from '../core/errors'
import { markOwner, wholeLife } from './command-arguments'
import { answered, checkMemcached, failure, type MemcachedClient } from './memcached-client'
import { MemcachedClock } from './memcached-clock'
import { MemcachedTokens, type Transition } from './memcached-tokens'
import { entryOf, entryText, MAX_TEXT, memcachedKey, secondsOf, slotOf } from './memcached-values'
import { longLives } from './redis-arguments'
import type { EntryWrite, Store, StoreClock, StoreReply, TokenSweep } from './store'
import { parseToken, type TokenState } from './token'
import { mark, mint, type Slot, sweep, unmark } from './token-machine'

/**
 * What a process of Memcached held is gone with it, and its tokens are never made again: no life of a server has to be
 * told from another.
 */
const EPOCH = 'm'

/**
 * Keeps tokens and entries in Memcached, on one node or several, reached through a client of yours: one of the package
 * `memcached` 2.2. Reads are one round trip, changes of tokens two each, 8 of them at once: see docs/stores.md.
 *
 * Nothing is bounded in time here: `GuardedStore` does that. Values above 786 000 bytes are not kept, as a
 * `store-error` with the reason `too-large` says.
 *
 * @throws {InvalidOptionError} SWEEPER_INVALID_OPTION when the client moves keys of lost nodes to others
 * @throws {StoreUnavailableError} SWEEPER_STORE_UNAVAILABLE from every method
 * @example
 * const client = new Memcached(['cache-1:11211', 'cache-2:11211'], { retry: 1000, reconnect: 1000, minTimeout: 20 })
 * new Sweeper(dataSource, { store: new MemcachedStore(client) })
 */
export class MemcachedStore implements Store {
  readonly name = 'memcached'
  readonly #client: MemcachedClient
  readonly #clock: MemcachedClock
  readonly #tokens: MemcachedTokens
  readonly #listeners = new Set<() => void>()

  constructor(client: MemcachedClient) {
    checkMemcached(client)
    this.#client = client
    this.#clock = new MemcachedClock(client)
    this.#tokens = new MemcachedTokens(client, this.#clock)
    client.on('reconnect', this.#onReconnect)
  }

  /** One `get` per node, all at once. What a lost node has is missing, unless it is all there is. */
  async read(tokenKeys: readonly string[], entryKeys: readonly string[]): Promise<StoreReply> {
    if (tokenKeys.length + entryKeys.length === 0) return { tokens: [], entries: [] }
    const [values, { offsetMs, errorMs }] = await Promise.all([
      this.#values([...tokenKeys, ...entryKeys].map(memcachedKey)),
      this.#clock.read('read'),
    ])
    const nowMs = Date.now() + offsetMs - errorMs
    return {
      tokens: tokenKeys.map((key) => stateOf(slotOf(values[memcachedKey(key)], nowMs))),
      entries: entryKeys.map((key) => entryOf(values[memcachedKey(key)])),
    }
  }

  async mint(tokenKeys: readonly string[], lifeMs: number): Promise<readonly TokenState[]> {
    const minted: TokenState[] = []
    await this.#tokens.change(
      'mint',
      tokenKeys,
      (slot, at) => mint(slot, wholeLife(lifeMs), at),
      (index, _, after) => {
        const state = stateOf(after)
        if (state === undefined) throw new Error('memcached store: mint made what is no token')
        minted[index] = state
      },
    )
    return minted
  }

  /** One `set` each; for lives of hours their tokens are looked at, and kept as long. */
  async write(entries: readonly EntryWrite[]): Promise<void> {
    const written = entries.filter(({ lifeMs }) => lifeMs > 0)
    const texts = written.map((entry) => ({ entry, text: entryText(entry.value) }))
    const kept = texts.filter(({ text }) => text.length <= MAX_TEXT)
    await Promise.all(kept.map(({ entry, text }) => this.#set(entry, text)))
    await this.#prolong(kept.map(({ entry }) => entry))
    if (kept.length < texts.length) throw new StoreUnavailableError(this.name, 'write', 'too-large')
  }

  async remove(entryKeys: readonly string[]): Promise<void> {
    await Promise.all(
      entryKeys.map((key) =>
        answered<boolean>('remove', (done) => this.#client.del(memcachedKey(key), done)),
      ),
    )
  }

  async mark(
    tokenKeys: readonly string[],
    owner: string,
    lastsMs: number,
  ): Promise<readonly (TokenState | undefined)[]> {
    markOwner(owner, lastsMs, 0)
    return this.#found('mark', tokenKeys, (slot, at, latestMs) =>
      mark(slot, markOwner(owner, lastsMs, latestMs), at),
    )
  }

  async unmark(tokenKeys: readonly string[], owner: string): Promise<void> {
    await this.#found('unmark', tokenKeys, (slot, at) => unmark(slot, owner, at))
  }

  async sweep(
    sweeps: readonly TokenSweep[],
    owner?: string,
  ): Promise<readonly (TokenState | undefined)[]> {
    const rows = new Map(sweeps.map(({ key, row }) => [key, row]))
    const keys = sweeps.map(({ key }) => key)
    return this.#found('sweep', keys, (slot, at, _, key) =>
      sweep(slot, { row: rows.get(key) ?? true, owner }, at),
    )
  }

  /** Give or take a second and a quarter: Memcached tells whole seconds. */
  clock(): StoreClock | undefined {
    return this.#clock.known()
  }

  onConnected(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  async close(): Promise<void> {
    this.#client.removeListener('reconnect', this.#onReconnect)
    this.#listeners.clear()
  }

  async #found(
    operation: string,
    keys: readonly string[],
    transition: Transition,
  ): Promise<readonly (TokenState | undefined)[]> {
    const found: (TokenState | undefined)[] = keys.map(() => undefined)
    await this.#tokens.change(operation, keys, transition, (index, before) => {
      found[index] = stateOf(before)
    })
    return found
  }

  #values(keys: string[]): Promise<Record<string, unknown>> {
    return new Promise((resolve, reject) => {
      this.#client.getMulti(keys, (error, values) => {
        const isPartial = Object.keys(values ?? {}).length > 0
        if (error !== undefined && error !== null && !isPartial) reject(failure('read', error))
        else resolve(values)
      })
    })
  }

  async #set({ key, lifeMs }: EntryWrite, text: string): Promise<void> {
    const isStored = await answered<boolean>('write', (done) =>
      this.#client.set(memcachedKey(key), text, secondsOf(lifeMs), done),
    )
    if (!isStored) throw new StoreUnavailableError(this.name, 'write', 'not-stored')
  }

  async #prolong(entries: readonly EntryWrite[]): Promise<void> {
    const lives = longLives(entries)
    const keys = [...lives.keys()]
    await this.#found('write', keys, (slot, at, _, key) => {
      if (slot === undefined || slot.text.startsWith('!')) return slot
      const life = lives.get(key) ?? 0
      const endsMs = life === 0 ? Infinity : at.ms + life
      return endsMs > slot.endsMs ? { ...slot, endsMs } : slot
    })
  }

  readonly #onReconnect = (): void => {
    for (const listener of this.#listeners) listener()
  }
}

function stateOf(slot: Slot | undefined): TokenState | undefined {
  return slot && parseToken(slot.text, EPOCH)
}
