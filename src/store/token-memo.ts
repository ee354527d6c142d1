import { parseToken, type TokenState } from './token'

const MAX_KEYS = 2_000

interface Remembered {
  readonly text: string
  readonly state: TokenState | undefined
}

/**
 * `parseToken`, remembering what it made of the last text under each key: reads meet the same ones again and again, and
 * taking them apart was measured at a third and more of what a read costs beyond its round trip.
 */
export class TokenMemo {
  // By the key, whose hash is known, and not by the text, which is a new one in every reply.
  readonly #states = new Map<string, Remembered>()
  #epoch = ''

  read(key: string, text: string, epoch: string): TokenState | undefined {
    if (epoch !== this.#epoch) this.#states.clear()
    this.#epoch = epoch
    const known = this.#states.get(key)
    if (known?.text === text) return known.state
    const state = parseToken(text, epoch)
    if (this.#states.size >= MAX_KEYS) this.#states.clear()
    this.#states.set(key, { text, state })
    return state
  }
}
