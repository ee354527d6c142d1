import { randomUUID } from 'node:crypto'
import { digestOf } from '../core/digest'
import { StoreUnavailableError } from '../core/errors'
import type { Subject } from '../core/subject'
import { MIN_TOKEN_LIFE_MS } from '../store/token'
import type { Pins } from '../version/pins'
import { tokensOf } from './fragment'
import type { TransactionView } from './transaction-view'

/** Texts that stand for the state of subjects; one that equals no other where the state cannot be told. */
export class Versions {
  readonly #pins: Pins
  readonly #isTrusted: () => boolean

  constructor(pins: Pins, isTrusted: () => boolean) {
    this.#pins = pins
    this.#isTrusted = isTrusted
  }

  /** 1 round trip, 2 if a token was missing. */
  async of(subjects: readonly Subject[], { hasWritten }: TransactionView): Promise<string> {
    if (hasWritten || !this.#isTrusted()) return randomUUID()
    try {
      const pin = await this.#pins.pin(tokensOf(subjects), MIN_TOKEN_LIFE_MS)
      return pin.marked || !this.#isTrusted() ? randomUUID() : digestOf(pin.stamps.join('\n'))
    } catch (error) {
      if (!(error instanceof StoreUnavailableError)) throw error
      return randomUUID()
    }
  }
}
