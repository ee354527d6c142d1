import type { EntityGraph } from '../model/entity-graph'
import type { Closing } from './closing'
import type { CollectingParts } from './collecting'
import type { QueryClock } from './query-clock'
import type { RawStatements } from './raw-statements'
import type { Stages } from './stages'
import type { Statements } from './statements'
import type { Units } from './units'

/** What is made of a DataSource's metadata, anew whenever it is initialized. */
export interface SweepMachinery {
  readonly graph: EntityGraph
  readonly parts: CollectingParts
  readonly units: Units
  readonly closing: Closing
  readonly statements: Statements
  readonly stages: Stages
  readonly raw: RawStatements
  readonly clock: QueryClock
}
