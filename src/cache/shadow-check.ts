import type { AsyncResource } from 'node:async_hooks'
import { setTimeout as after } from 'node:timers/promises'
import { firstDifference } from '../core/first-difference'
import type { ShadowEvent } from '../core/sweeper-events'
import { decodeValue, type EncodedValue } from '../core/value-codec'
import type { StoreClock } from '../store/store'
import { stampOf } from '../version/pins'
import type { Fragment } from './fragment'
import { NO_STORE, type SeenToken } from './found'
import type { Lookup } from './lookup'
import { unprovenBecause } from './provenance'

/** What was loaded anew; undefined where it is no measure of anything: other work may have had a part in it. */
export type LoadedAnew = { readonly encoded: EncodedValue | undefined } | undefined

/** A value that was served, and how to get another one. */
export interface ShadowSample {
  readonly fragment: Fragment
  /** Everything it depends on, as it was when it was served. */
  readonly seen: readonly SeenToken[]
  /** The async context that the value was asked for in: whose tenant, whose request. */
  readonly context: AsyncResource
  /** How old it was when it was served. */
  readonly ageMs: number
  /** What was served, which its reader may have changed since: a value of its own. */
  served(): unknown
  /** What of a value counts. */
  comparable(value: unknown): unknown
  load(signal: AbortSignal): Promise<LoadedAnew>
}

export type ShadowVerdict = Omit<ShadowEvent, 'subject' | 'key' | 'ageMs'>

export interface ShadowCheckParts {
  readonly lookup: Lookup
  /** How long after a difference its tokens must still stand. */
  readonly settleMs: number
  clock(): StoreClock | undefined
}

const INCONCLUSIVE: ShadowVerdict = { outcome: 'inconclusive' }

/**
 * Loads what was served once more, and compares. Tokens come back to no earlier state: where those that the value was
 * served under stand after the load, nothing that it depends on was swept between the two, and they have to be equal.
 *
 * A write that the load has seen and whose sweep is on its way is no difference either: before one is told, its tokens
 * have to stand, unmarked, for a while longer.
 */
export class ShadowCheck {
  readonly #parts: ShadowCheckParts

  constructor(parts: ShadowCheckParts) {
    this.#parts = parts
  }

  /** 1 round trip and the load; 1 round trip more where it differs. Never rejects. @returns undefined where it was aborted */
  async of(sample: ShadowSample, signal: AbortSignal): Promise<ShadowVerdict | undefined> {
    const startedMs = performance.now()
    try {
      if (!(await this.#stands(sample))) return INCONCLUSIVE
      const verdict = await this.#compared(sample, signal)
      if (signal.aborted) return undefined
      if (verdict.outcome !== 'different') return verdict
      await after(this.#parts.settleMs, undefined, { signal, ref: false })
      return (await this.#stands(sample)) ? verdict : { ...verdict, ...INCONCLUSIVE }
    } catch (error) {
      if (signal.aborted) return undefined
      return { outcome: 'failed', loadMs: performance.now() - startedMs, error }
    }
  }

  async #compared(sample: ShadowSample, signal: AbortSignal): Promise<ShadowVerdict> {
    const startedMs = performance.now()
    const anew = await sample.load(signal)
    const loadMs = performance.now() - startedMs
    if (anew === undefined) return { ...INCONCLUSIVE, loadMs }
    const { encoded } = anew
    const loaded = encoded && decodeValue(encoded.kind, encoded.bytes)
    const at = firstDifference(sample.comparable(await sample.served()), sample.comparable(loaded))
    return at === undefined ? { outcome: 'same', loadMs } : { outcome: 'different', loadMs, at }
  }

  /** Whether nothing that the value depends on was written since it was served, nor is being written. 1 round trip. */
  async #stands({ fragment, seen }: ShadowSample): Promise<boolean> {
    const states = new Map(seen.map(({ token, state }) => [token.key, state]))
    // An instance in the reader's hand may be older than what was served: it makes a value of its own age.
    if (unprovenBecause(fragment.subjects, (key) => states.get(key), this.#parts.clock()))
      return false
    const now = await this.#parts.lookup.read(seen.map(({ token }) => token.key))
    if (now === NO_STORE) return false
    return seen.every(({ token, state }, at) => {
      const current = now.tokens[at]
      return current?.marked === false && stampOf(token, current) === stampOf(token, state)
    })
  }
}
