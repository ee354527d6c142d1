import type { TokenState } from '../../../src/store/token'

/** Notes every token that was ever seen under a key, and complains when one that was replaced is there again. */
export class TokenWatch {
  readonly #current = new Map<string, string>()
  readonly #over = new Map<string, Set<string>>()

  readonly #fail: (error: Error) => void

  constructor(fail: (error: Error) => void) {
    this.#fail = fail
  }

  saw(keys: readonly string[], states: readonly (TokenState | undefined)[]): void {
    for (const [index, key] of keys.entries()) {
      const whole = states[index]?.whole ?? ''
      const before = this.#current.get(key)
      if (whole === '' || whole === before) continue
      const over = this.#over.get(key) ?? new Set()
      this.#over.set(key, over)
      if (before !== undefined) over.add(before)
      if (over.has(whole)) this.#fail(new Error(`a token is back: ${key} holds ${whole} again`))
      this.#current.set(key, whole)
    }
  }
}
