import { AsyncResource } from 'node:async_hooks'
import { decodeValue } from '../core/value-codec'
import type { NearEntry } from '../near/near-entry'
import type { Asking } from './asking'
import type { Loading } from './loading'
import type { Hit, SeenToken } from './found'
import { seenBy, type NearHit } from './near-lookup'
import type { Shadow } from './shadow'
import { OUTSIDE } from './transaction-view'

/** What was served: out of the store, or out of the near tier. */
export interface Served {
  readonly seen: readonly SeenToken[]
  readonly freshUntilMs: number
  /** Makes what was served once more. */
  value(): unknown
}

/** Has a hit compared, later. */
export type Picked = (what: () => Served) => void

export interface ShadowingParts<On> {
  readonly shadow: Shadow
  readonly loading: Loading<On>
  storeNow(): number
}

/** Makes samples of hits, for those of one way to ask. */
export class Shadowing<On> {
  readonly #parts: ShadowingParts<On>

  constructor(parts: ShadowingParts<On>) {
    this.#parts = parts
  }

  get isLoading(): boolean {
    return this.#parts.shadow.isLoading
  }

  /**
   * Picks some of what is asked for, before it is known to be there: answers to many come in one turn, and a factory has to
   * be called again in its own reader's async context. None where the reader gave a manager, or is in a transaction: by
   * then its connection is another's.
   */
  pick(asking: Asking<On>): Picked | undefined {
    const { shadow, loading } = this.#parts
    const { fragment, fresh, transaction, isRepeatable = true, comparable = same } = asking
    if (fresh || !isRepeatable || transaction !== OUTSIDE || !shadow.picks()) return undefined
    const context = new AsyncResource('SweeperShadow')
    return (what) => {
      const { seen, freshUntilMs, value } = what()
      shadow.add({
        fragment,
        seen,
        context,
        ageMs: this.#ageMs(seen, freshUntilMs - fragment.ttlMs),
        served: value,
        comparable,
        load: (signal) => loading.anew(asking, signal),
      })
    }
  }

  /** By the ttl, unless another one was given to the entry: it cannot be older than its tokens, nor of tomorrow. */
  #ageMs(seen: readonly SeenToken[], madeMs: number): number {
    const nowMs = this.#parts.storeNow()
    const births = seen.map(({ token, state }) =>
      token.half === 'row' ? state.rowBornMs : state.bornMs,
    )
    const bornMs = Math.max(...births)
    return Math.max(0, nowMs - (madeMs >= bornMs && madeMs <= nowMs ? madeMs : bornMs))
  }
}

export function servedOf(hit: Hit | NearHit): Served {
  if ('entry' in hit) return servedNear(hit.entry)
  const { kind, bytes, freshUntilMs } = hit.head
  // A Buffer that was served is a view of these bytes, and its reader's own.
  const kept = Buffer.from(bytes)
  return { seen: hit.seen, freshUntilMs, value: () => decodeValue(kind, kept) }
}

export function servedNear(entry: NearEntry): Served {
  return { seen: seenBy(entry), freshUntilMs: entry.freshUntilMs, value: () => entry.value }
}

function same(value: unknown): unknown {
  return value
}
