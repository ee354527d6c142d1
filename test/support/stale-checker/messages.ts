import type { Sight } from './sight'
import type { StoreKind } from './stores'

/** Every moment is one of the machine's steady clock, which all its processes share. */
export function nowMs(): number {
  return Number(process.hrtime.bigint()) / 1e6
}

export interface ReadOperation {
  readonly kind: 'read'
  readonly reader: string
  readonly reading: string
  readonly startMs: number
  readonly endMs: number
  readonly sight: Sight
}

export interface WriteOperation {
  readonly kind: 'write'
  /** As the rows say. */
  readonly by: string
  readonly write: string
  readonly startMs: number
  readonly endMs: number
  /** `pending`: it resolved before its sweep was delivered. `failed`: whatever it did may be seen or not. */
  readonly outcome: 'delivered' | 'pending' | 'failed'
  readonly failure?: string
}

/** What an application tells. */
export type Report =
  | {
      readonly kind: 'operations'
      /** What ended before this was told. */
      readonly upToMs: number
      readonly operations: readonly (ReadOperation | WriteOperation)[]
    }
  | { readonly kind: 'stopped' }
  | {
      readonly kind: 'looked'
      readonly hits: number
      readonly misses: number
      readonly heapBytes: number
    }

/**
 * What an application is told: to end its writers and readers, to look at everything once more; to write the first article,
 * or to read it, now.
 */
export type Order = 'stop' | 'look' | 'touch' | 'glance'

export interface AppSettings {
  readonly name: string
  readonly databaseUrl: string
  readonly store: StoreKind
  /** Where its link begins. */
  readonly storeUrl: string
  /** Those of a cluster, as they call themselves, and where its link to each of them begins. */
  readonly servers: readonly string[]
  readonly links: readonly string[]
  /** Which of them it reads values from. */
  readonly values: 'primaries' | 'replicas'
  readonly namespace: string
  readonly policy: 'throw' | 'degrade'
  /** Whether its sweeps are durable. */
  readonly outbox: boolean
  /** Whether it has a near tier, at level `request` where a reading asks for nothing else. */
  readonly near: boolean
  /** What the readings and the writes that are drawn are called: a regular expression; all of them where it is empty. */
  readonly readings: string
  readonly writes: string
  readonly seed: number
}
