import type { StoreOperation } from '../../../src/store/guarded-store'
import type { StoreReply, TokenSweep } from '../../../src/store/store'
import type { TokenState } from '../../../src/store/token'
import { AroundStore } from '../stores'

type States = readonly (TokenState | undefined)[]

/** A server that shows other tokens than it has: `rename` gives the token that stands under a key another name. */
abstract class RenamingStore extends AroundStore {
  readonly #names = new Map<string, string>()

  protected nameOf(key: string, whole: string): string {
    return this.#names.get(`${key} ${whole}`) ?? whole
  }

  protected rename(key: string, whole: string, name: string): void {
    this.#names.set(`${key} ${whole}`, name)
  }

  protected async held(key: string): Promise<TokenState | undefined> {
    return (await this.store.read([key], [])).tokens[0]
  }

  protected shown(key: string, state: TokenState): TokenState {
    const whole = state.whole === '' ? '' : this.nameOf(key, state.whole)
    return { ...state, whole, row: whole, seen: `${whole} ${state.seen.replace(/[^ ]* /, '')}` }
  }

  override async read(
    tokenKeys: readonly string[],
    entryKeys: readonly string[],
  ): Promise<StoreReply> {
    const { entries } = await this.store.read([], entryKeys)
    const tokens = await Promise.all(
      tokenKeys.map(async (key) => {
        const state = await this.held(key)
        return state && this.shown(key, state)
      }),
    )
    return { tokens, entries }
  }

  override async mint(
    tokenKeys: readonly string[],
    lifeMs: number,
  ): Promise<readonly TokenState[]> {
    const states = await this.store.mint(tokenKeys, lifeMs)
    return states.map((state, index) => this.shown(tokenKeys[index] ?? '', state))
  }

  around<T>(_: StoreOperation, call: () => Promise<T>): Promise<T> {
    return call()
  }
}

/** Counts versions per key, from 1 wherever nothing is. */
export class CountingVersionsStore extends RenamingStore {
  readonly #last = new Map<string, { whole: string; count: number }>()

  protected override shown(key: string, state: TokenState): TokenState {
    if (state.whole !== '') {
      const last = this.#last.get(key) ?? { whole: '', count: 0 }
      const count = last.whole === state.whole ? last.count : last.count + 1
      this.#last.set(key, { whole: state.whole, count })
      this.rename(key, state.whole, String(count))
    }
    return super.shown(key, state)
  }

  protected override async held(key: string): Promise<TokenState | undefined> {
    const state = await super.held(key)
    if (state === undefined) this.#last.delete(key)
    return state
  }

  override async mint(
    tokenKeys: readonly string[],
    lifeMs: number,
  ): Promise<readonly TokenState[]> {
    for (const key of tokenKeys) await this.held(key)
    return super.mint(tokenKeys, lifeMs)
  }
}

/** Takes the token of a sweep as its client has made it, also when the command comes again. */
export class ClientTokensStore extends RenamingStore {
  override async sweep(sweeps: readonly TokenSweep[], owner?: string): Promise<States> {
    const found = await this.store.sweep(sweeps, owner)
    for (const { key } of sweeps) {
      const state = await this.held(key)
      if (state !== undefined) this.rename(key, state.whole, `made by ${owner}`)
    }
    return found
  }
}

/** Puts back what its client has found when it marked. */
export class ClientRestoresStore extends RenamingStore {
  readonly #found = new Map<string, string>()

  override async mark(tokenKeys: readonly string[], owner: string, ms: number): Promise<States> {
    for (const key of tokenKeys) {
      const state = await this.held(key)
      if (state !== undefined && state.whole !== '')
        this.#found.set(`${owner} ${key}`, this.nameOf(key, state.whole))
    }
    return this.store.mark(tokenKeys, owner, ms)
  }

  override async unmark(tokenKeys: readonly string[], owner: string): Promise<void> {
    await this.store.unmark(tokenKeys, owner)
    for (const key of tokenKeys) {
      const found = this.#found.get(`${owner} ${key}`)
      const [state] = found === undefined ? [] : await this.store.mint([key], Infinity)
      if (found !== undefined && state?.marked === false) this.rename(key, state.whole, found)
    }
  }
}

/** Drops owners whose time has passed, and leaves the token as it was. */
export class LenientStore extends RenamingStore {
  override mark(tokenKeys: readonly string[], owner: string, ms: number): Promise<States> {
    return this.#keeping(tokenKeys, () => this.store.mark(tokenKeys, owner, ms))
  }

  override unmark(tokenKeys: readonly string[], owner: string): Promise<void> {
    return this.#keeping(tokenKeys, () => this.store.unmark(tokenKeys, owner))
  }

  async #keeping<T>(keys: readonly string[], command: () => Promise<T>): Promise<T> {
    const before = await Promise.all(keys.map((key) => this.held(key)))
    const result = await command()
    for (const [index, key] of keys.entries()) {
      const old = before[index]?.whole ?? ''
      const state = await this.held(key)
      if (old !== '' && state !== undefined && state.whole !== '' && state.whole !== old)
        this.rename(key, state.whole, this.nameOf(key, old))
    }
    return result
  }
}

/** Clears the marks of all with those of one. */
export class OneOwnerStore extends AroundStore {
  readonly #owners = new Set<string>()

  override mark(tokenKeys: readonly string[], owner: string, ms: number): Promise<States> {
    this.#owners.add(owner)
    return this.store.mark(tokenKeys, owner, ms)
  }

  override async unmark(tokenKeys: readonly string[]): Promise<void> {
    for (const owner of this.#owners) await this.store.unmark(tokenKeys, owner)
  }

  override async sweep(sweeps: readonly TokenSweep[], owner?: string): Promise<States> {
    const found = await this.store.sweep(sweeps, owner)
    await this.unmark(sweeps.map(({ key }) => key))
    return found
  }

  around<T>(_: StoreOperation, call: () => Promise<T>): Promise<T> {
    return call()
  }
}

/** Keeps marks in keys of their own: when one ends the token is what it was. */
export class SeparateMarksStore extends AroundStore {
  override async read(
    tokenKeys: readonly string[],
    entryKeys: readonly string[],
  ): Promise<StoreReply> {
    const reply = await this.store.read(tokenKeys, entryKeys)
    const { tokens: marks } = await this.store.read(tokenKeys.map(markOf), [])
    return {
      entries: reply.entries,
      tokens: reply.tokens.map((state, index) =>
        marks[index] === undefined ? state : { ...(state ?? marks[index]), marked: true },
      ),
    }
  }

  override async mint(
    tokenKeys: readonly string[],
    lifeMs: number,
  ): Promise<readonly TokenState[]> {
    const states = await this.store.mint(tokenKeys, lifeMs)
    const { tokens: marks } = await this.store.read(tokenKeys.map(markOf), [])
    return states.map((state, index) => ({ ...state, marked: marks[index] !== undefined }))
  }

  override mark(tokenKeys: readonly string[], owner: string, ms: number): Promise<States> {
    return this.store.mark(tokenKeys.map(markOf), owner, ms)
  }

  override unmark(tokenKeys: readonly string[], owner: string): Promise<void> {
    return this.store.unmark(tokenKeys.map(markOf), owner)
  }

  override async sweep(sweeps: readonly TokenSweep[], owner?: string): Promise<States> {
    const found = await this.store.sweep(sweeps)
    if (owner !== undefined)
      await this.unmark(
        sweeps.map(({ key }) => key),
        owner,
      )
    return found
  }

  around<T>(_: StoreOperation, call: () => Promise<T>): Promise<T> {
    return call()
  }
}

function markOf(key: string): string {
  return `mark of ${key}`
}
