import { parseToken, type TokenState } from './token'

const MAX_TEXTS = 2_000

/**
 * `parseToken`, remembering what it made of the last texts: reads meet the same ones again and again, and taking them
 * apart was measured at a third and more of what a read costs beyond its round trip.
 */
export class TokenMemo {
  readonly #states = new Map<string, TokenState | undefined>()
  #epoch = ''

  read(text: string, epoch: string): TokenState | undefined {
    if (epoch !== this.#epoch || this.#states.size >= MAX_TEXTS) this.#states.clear()
    this.#epoch = epoch
    const known = this.#states.get(text)
    if (known !== undefined) return known
    const state = parseToken(text, epoch)
    this.#states.set(text, state)
    return state
  }
}
