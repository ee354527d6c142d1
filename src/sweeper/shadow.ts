import type { Lookup } from '../cache/lookup'
import { Shadow } from '../cache/shadow'
import { ShadowCheck } from '../cache/shadow-check'
import type { Events } from '../core/events'
import type { SweeperEvents } from '../core/sweeper-events'
import type { StoreClock } from '../store/store'
import type { ResolvedOptions } from './resolve-options'

/** Undefined where `shadow` is off. */
export function buildShadow(
  { shadow: settings, replicaLagMs }: Pick<ResolvedOptions, 'shadow' | 'replicaLagMs'>,
  given: {
    readonly lookup: Lookup
    readonly events: Events<SweeperEvents>
    clock(): StoreClock | undefined
  },
): Shadow | undefined {
  if (settings === undefined) return undefined
  // By then replicas have what the value was made from, and may answer the load.
  const delayMs = Math.max(settings.delayMs, replicaLagMs)
  const checking = new ShadowCheck({
    lookup: given.lookup,
    settleMs: delayMs,
    clock: () => given.clock(),
  })
  return new Shadow({
    settings: { ...settings, delayMs },
    events: given.events,
    check: (sample, signal) => checking.of(sample, signal),
    random: Math.random,
  })
}
