import type { Subject } from '../core/subject'
import type { StoreClock } from '../store/store'
import type { TokenState } from '../store/token'

/** Clocks tick in milliseconds on both sides of the comparison. */
const MARGIN_MS = 2

/** Why a value may be served to its caller but not kept. */
export type Unproven =
  | 'instance of unknown origin'
  | 'instance from a transaction'
  | 'written since it was loaded'
  | 'clock unknown'
  | 'written within replicaLag'

/**
 * Whether values made from instances in the hand may be stored under these tokens: only if nothing can have been
 * written since the instances were loaded, that is if each was loaded after the birth of all its tokens,
 * on the store's clock and with a margin for what is not known of it (consistency H4, H15b).
 *
 * @param stateOf the pinned state of a token
 */
export function unprovenBecause(
  subjects: readonly Subject[],
  stateOf: (key: string) => TokenState | undefined,
  clock: StoreClock | undefined,
): Unproven | undefined {
  for (const { instance, tokens } of subjects) {
    if (instance === undefined) continue
    if (instance.inTransaction) return 'instance from a transaction'
    if (instance.loadedAtMs === undefined) return 'instance of unknown origin'
    if (clock === undefined) return 'clock unknown'
    const loadedAtMs = instance.loadedAtMs + clock.offsetMs - clock.errorMs - MARGIN_MS
    for (const { key, half } of tokens) {
      const state = stateOf(key)
      const bornMs = half === 'row' ? state?.rowBornMs : state?.bornMs
      if (bornMs === undefined || bornMs >= loadedAtMs) return 'written since it was loaded'
    }
  }
  return undefined
}

/** A load that a replica of the database may have answered. */
export interface ReplicaLoad {
  /** When it began, by this process's clock. */
  readonly startedAtMs: number
  /** How far the replica may be behind. */
  readonly lagMs: number
}

/**
 * As if all had been loaded that much earlier, which is what a replica may show: under a token that was born since then
 * it may be older than the write that the token was born by (consistency H23).
 */
export function asReplicaShows(
  subjects: readonly Subject[],
  { startedAtMs, lagMs }: ReplicaLoad,
): readonly Subject[] {
  return subjects.map((one) => {
    const loadedAtMs = Math.min(startedAtMs, one.instance?.loadedAtMs ?? startedAtMs) - lagMs
    return { ...one, instance: { loadedAtMs, inTransaction: false } }
  })
}
