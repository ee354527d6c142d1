import { Explaining } from '../cache/explaining'
import type { Lookup } from '../cache/lookup'
import { Keyspace } from '../core/keyspace'
import { tokenName } from '../core/token-name'
import type { EntityGraph } from '../model/entity-graph'
import { MoveLog } from '../sweep/move-log'
import type { ResolvedOptions } from './resolve-options'

/** Undefined where `explain` is off. */
export function moveLogOf({ explainTokens }: ResolvedOptions): MoveLog | undefined {
  return explainTokens === undefined ? undefined : new MoveLog(explainTokens)
}

/** Puts together what explains hits and misses. */
export function buildExplaining(
  lookup: Lookup,
  writes: MoveLog | undefined,
  { graph, storeNow }: { graph(): EntityGraph; storeNow(): number },
): Explaining {
  return new Explaining({
    lookup,
    writes,
    offsetMs: () => storeNow() - Date.now(),
    nameOf: (key) =>
      tokenName(key, new Map(graph().types.map((type) => [Keyspace.typeTag(type.key), type.name]))),
  })
}
