import { StoreUnavailableError } from '../core/errors'
import { withDeadline } from '../store/deadline'
import type { Push, PushingStore } from '../store/push'
import type { Store } from '../store/store'
import { LossWatch } from './loss-watch'
import { NearTier, type NearLimits } from './near-tier'
import type { RequestFence, RequestScopes } from './request-scopes'

/**
 * How sure a read of the near tier is:
 *
 * - `strict`: the tokens come from the store on every read, only the value is near. 1 round trip.
 * - `request`: one fence when the request began (`sweeper.request()`), then no round trips. Outside of a request: strict.
 * - `bounded`: no round trips; a move is known when its push arrives, some tens of microseconds to milliseconds
 *   after the writer's acknowledgement.
 */
export type NearLevel = (typeof NEAR_LEVELS)[number]

export const NEAR_LEVELS = ['strict', 'request', 'bounded'] as const

/** What a read may do with the tier: serve from it, serve what the store confirms, or nothing. */
export type Stance = 'serve' | 'confirm' | 'none'

export interface NearOptions extends NearLimits {
  readonly namespace: string
  readonly level: NearLevel
  /** How long a fence may take. */
  readonly fenceMs: number
  /** For the tokens by which a loss of memory is noticed: one on each server. */
  readonly lossKeys: readonly string[]
  readonly requests: RequestScopes
}

/** The near tier of a Sweeper: what is kept, who tells of moves, and the requests that are under way. */
export class Near {
  readonly tier: NearTier
  readonly level: NearLevel
  readonly #push: Push
  readonly #store: string
  readonly #fenceMs: number
  readonly #watch: LossWatch
  readonly #requests: RequestScopes

  constructor(
    store: Store & PushingStore,
    guarded: Pick<Store, 'read' | 'mint'>,
    options: NearOptions,
  ) {
    this.tier = new NearTier(options)
    this.level = options.level
    this.#requests = options.requests
    this.#store = store.name
    this.#fenceMs = options.fenceMs
    const { tier } = this
    const watch = new LossWatch(guarded, options.lossKeys, () => tier.clear())
    this.#watch = watch
    this.#push = store.listen(options.namespace, {
      moved: (keys) => tier.moved(keys),
      deaf: () => tier.deaf(),
      listening: () => {
        tier.listening()
        void watch.look()
      },
    })
  }

  /**
   * From when it resolves, everything that was swept before is known here. 1 round trip, bounded; never rejects: where
   * it cannot be known the tier is emptied, and what is read from then on comes from the store.
   */
  async fence(): Promise<void> {
    if (!this.tier.isListening) return
    try {
      await withDeadline(
        this.#push.fence(),
        this.#fenceMs,
        () => new StoreUnavailableError(this.#store, 'fence', 'timeout'),
      )
    } catch (error) {
      if (!(error instanceof StoreUnavailableError)) throw error
      this.tier.clear()
    }
  }

  /** Begins the fence of a request: its reads at level `request` are as of it. */
  begin(): RequestFence {
    const begun: RequestFence = {
      isFenced: false,
      fenced: this.fence().then(() => {
        begun.isFenced = true
      }),
    }
    return begun
  }

  /** A promise where the request's fence is still under way. */
  stance(level: NearLevel): Stance | Promise<void> {
    if (!this.tier.isListening) return 'none'
    if (level === 'bounded') return 'serve'
    const fence = level === 'request' ? this.#requests.current?.fence : undefined
    if (fence === undefined) return 'confirm'
    return fence.isFenced ? 'serve' : fence.fenced
  }

  close(): void {
    this.#watch.close()
    this.#push.close()
    this.tier.deaf()
  }
}
