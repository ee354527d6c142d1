import type { SubjectToken } from '../core/subject'
import type { Store } from '../store/store'
import type { TokenState } from '../store/token'
import type { Reading, TokenReader } from './token-reader'

/**
 * Tokens read before a load, to store its result under. `stamps` are what an entry carries and what a
 * reader compares: the half of each token that the subject asks for, the store's epoch included.
 */
export interface Pin {
  readonly states: readonly TokenState[]
  readonly stamps: readonly string[]
  /** A write is in flight on one of them: what is loaded now may be served, never stored. */
  readonly marked: boolean
  /** The same for two readers exactly if they saw the same tokens, marks included. */
  readonly seen: string
}

/** Pins tokens: reads them, and has the store make the missing ones, always before anything is loaded. */
export class Pins {
  readonly #reader: TokenReader
  readonly #store: Pick<Store, 'mint'>
  #minting:
    | { readonly keys: Map<string, number>; lifeMs: number; reply: Promise<readonly TokenState[]> }
    | undefined

  constructor(reader: TokenReader, store: Pick<Store, 'mint'>) {
    this.#reader = reader
    this.#store = store
  }

  /** 1 round trip, 2 if a token was missing. Rejects as the store does. */
  async pin(tokens: readonly SubjectToken[], lifeMs: number): Promise<Pin> {
    const reading = await this.#reader.read(tokens.map(({ key }) => key))
    return this.complete(tokens, reading, lifeMs)
  }

  /**
   * Completes a reading to a pin. No round trip, 1 if a token was missing.
   *
   * A fill is never pinned to "missing": a mark that ended while someone was loading would otherwise
   * make an old value live for good (consistency H6).
   */
  async complete(tokens: readonly SubjectToken[], reading: Reading, lifeMs: number): Promise<Pin> {
    const missing = tokens.filter((_, index) => reading.tokens[index] === undefined)
    if (missing.length === 0) return pinOf(tokens, reading.tokens.filter(isPresent))
    const minted = await this.#mint(
      missing.map(({ key }) => key),
      lifeMs,
    )
    return pinOf(
      tokens,
      tokens.map(({ key }, index) => reading.tokens[index] ?? minted(key)),
    )
  }

  /** All mints of one tick travel together, so that many callers of one value get one and the same token. */
  async #mint(keys: readonly string[], lifeMs: number): Promise<(key: string) => TokenState> {
    let minting = this.#minting
    if (minting === undefined) {
      const batch = new Map<string, number>()
      const started: {
        keys: Map<string, number>
        lifeMs: number
        reply: Promise<readonly TokenState[]>
      } = {
        keys: batch,
        lifeMs,
        reply: Promise.resolve([]),
      }
      started.reply = new Promise((resolve) => process.nextTick(resolve)).then(() => {
        this.#minting = undefined
        return this.#store.mint([...batch.keys()], started.lifeMs)
      })
      this.#minting = minting = started
    }
    minting.lifeMs = Math.max(minting.lifeMs, lifeMs)
    const { keys: batch, reply } = minting
    for (const key of keys) if (!batch.has(key)) batch.set(key, batch.size)
    const states = await reply
    return (key) => {
      const state = states[batch.get(key) ?? -1]
      if (state === undefined) throw new Error(`mint: the store answered no token for "${key}"`)
      return state
    }
  }
}

/** The half of a token that a subject depends on. */
export function stampOf(token: SubjectToken, state: TokenState): string {
  return token.half === 'row' ? state.row : state.whole
}

/** A pin of tokens that are all there. */
export function pinOf(tokens: readonly SubjectToken[], states: readonly TokenState[]): Pin {
  return {
    states,
    stamps: tokens.map((token, index) => {
      const state = states[index]
      return state === undefined ? '' : stampOf(token, state)
    }),
    marked: states.some(({ marked }) => marked),
    seen: states.map(({ seen }) => seen).join('\n'),
  }
}

function isPresent(state: TokenState | undefined): state is TokenState {
  return state !== undefined
}
